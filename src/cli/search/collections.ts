import type { Command } from 'commander';
import { z } from 'zod';
import { type IndexedFolder, indexedFolders } from '../../search/indexing/folders.ts';
import type { Store } from '../../search/stores/store.ts';
import { storeOf } from '../../search/stores/stores.ts';
import { formatError, UsageError } from '../support/errors.ts';
import { type CliIo, note, print, printJson, visible } from '../support/io.ts';
import { examples, parseOptions, withJson } from '../support/options.ts';
import { formatBytes } from '../support/progress.ts';
import { collectionFields, locationOf, shownLocation, withLocation } from './collectionOptions.ts';

const schema = z.object({
  database: collectionFields.database,
  collections: collectionFields.collections,
  delete: collectionFields.name.unwrap().optional(),
  yes: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** What there is to say of a collection. */
interface Described {
  readonly name: string;
  readonly pictures: number;
  readonly models: readonly { readonly name: string; readonly width: number; readonly pictures: number }[];
  readonly folders: readonly IndexedFolder[];
  /** Bytes, where the store can tell. */
  readonly size: number | undefined;
}

async function describe(store: Store, location: string, name: string): Promise<Described> {
  const collection = await store.open(location, { name });
  try {
    const models = await collection.models();
    return {
      name,
      pictures: await collection.count(),
      models: models.map(({ name: model, width, pictures }) => ({ name: model, width, pictures })),
      folders: await indexedFolders(collection),
      size: await store.size?.(location, name),
    };
  } finally {
    await collection.close();
  }
}

const day = (time: number): string => new Date(time).toLocaleString('sv-SE').slice(0, 16);

function* linesOf({ name, pictures, models, folders, size }: Described): Generator<string> {
  yield `${name}: ${pictures} pictures${size === undefined ? '' : `, ${formatBytes(size)}`}`;
  for (const model of models)
    yield `  model   ${model.name}, ${model.width} values${model.pictures === pictures ? '' : `, of ${model.pictures} pictures`}`;
  for (const { path, indexed } of folders) yield `  folder  ${visible(path)}, indexed ${day(indexed)}`;
}

async function isSure(name: string, location: string, io: CliIo): Promise<boolean> {
  if (!io.stderr.isTTY)
    throw new UsageError(
      `--delete removes the collection ${name} for good; add --yes to say that it is meant`,
    );
  io.stderr.write(
    `Remove the collection ${name} from ${shownLocation(location)}? The pictures' files are left alone. [y/N] `,
  );
  for await (const text of io.stdin) return /^y(es)?\s*$/i.test(String(text).trim());
  return false;
}

async function collections(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const location = locationOf(options);
  const store = storeOf(location);
  const names = await store.list(location);
  const name = options.delete;
  if (name !== undefined) {
    if (!names.includes(name))
      throw new Error(
        `there is no collection ${name} in ${shownLocation(location)} (${names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`})`,
      );
    const isRemoved = options.yes || (await isSure(name, location, io));
    if (isRemoved) await store.remove(location, name);
    if (options.json) printJson(io, { name, removed: isRemoved });
    else print(io, isRemoved ? `removed ${name}` : `kept ${name}`);
    return;
  }
  if (names.length === 0 && !options.json)
    note(io, `there are no collections in ${shownLocation(location)}; make one with siglip2 index DIR`);
  const faults: string[] = [];
  for (const one of names) {
    // One that is damaged does not hide the others.
    const described = await describe(store, location, one).catch((error: unknown) => {
      faults.push(`${one}: ${formatError(error, false)}`);
    });
    if (described && options.json) printJson(io, described);
    else if (described) for (const line of linesOf(described)) print(io, line);
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
}

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('collections')
    .summary('list collections of pictures, or remove one')
    .description('Lists the collections that siglip2 index has made: pictures, models, folders, size.')
    .option('--delete <name>', 'remove a collection; asks first. The pictures’ files are left alone')
    .option('--yes', 'do not ask');
  withJson(withLocation(command), 'one JSON object a collection')
    .addHelpText(
      'after',
      examples(
        'siglip2 collections',
        'siglip2 collections --database postgres://me@localhost/pictures --json',
        'siglip2 collections --delete photos --yes',
      ),
    )
    .action((options: Record<string, unknown>) => collections(options, io));
}
