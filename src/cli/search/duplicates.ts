import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import type { Collection } from '../../search/collection/collection.ts';
import {
  type DuplicateGroup,
  type Duplicates,
  findDuplicates,
} from '../../search/duplicates/findDuplicates.ts';
import { UsageError } from '../support/errors.ts';
import { type CliIo, note, print, printJson } from '../support/io.ts';
import { examples, parseOptions, withJson, withModel } from '../support/options.ts';
import { formatBytes, progressBar } from '../support/progress.ts';
import { collectionFields, withCollectionOptions } from './collectionOptions.ts';
import { filterFields, filterOf, withFilters } from './filters/filters.ts';
import { pictureJson, printPathsOf, shownDay, shownPath } from './output/shownPictures.ts';
import { storedName, withStored } from './withCollection.ts';

const schema = z.object({
  ...collectionFields,
  ...filterFields,
  model: z.string().optional(),
  threshold: z
    .string()
    .refine((text) => Number(text) > 0 && Number(text) <= 1, 'expected a number above 0 and at most 1')
    .transform(Number)
    .optional(),
  exact: z.boolean().default(false),
  paths: z.boolean().default(false),
  null: z.boolean().default(false),
  json: z.boolean().default(false),
});

/** The id of the model that is named. @throws UsageError naming those that there are */
async function modelId(collection: Collection, asked: string | undefined): Promise<number | undefined> {
  if (asked === undefined) return undefined;
  const name = await storedName(asked);
  const models = await collection.models();
  const found = models.find((model) => model.name === name);
  if (found) return found.id;
  const names = models.map((model) => model.name).join(', ');
  throw new UsageError(
    `--model ${asked}: the collection ${collection.name} has vectors of ${names || 'no model'} only`,
  );
}

const copiesOf = (groups: readonly DuplicateGroup[]) => groups.flatMap(({ copies }) => copies);

function summary({ threshold, groups }: Duplicates): string {
  const copies = copiesOf(groups);
  const bytes = copies.reduce((sum, { picture }) => sum + picture.bytes, 0);
  const measure =
    threshold === undefined
      ? 'the same bytes'
      : `the same bytes, or a cosine of ${threshold.toFixed(3)} or more`;
  if (groups.length === 0) return `no copies (${measure})`;
  return `${groups.length} ${groups.length === 1 ? 'group' : 'groups'} with ${copies.length} ${copies.length === 1 ? 'copy' : 'copies'} beside the best, ${formatBytes(bytes)} (${measure})`;
}

function printGroup(io: CliIo, { best, copies }: DuplicateGroup): void {
  const line = ({ path, width, height, bytes, ...times }: DuplicateGroup['best'], likeness: string) =>
    print(
      io,
      `${likeness.padEnd(6)} ${shownPath(path)}  ${width} × ${height}, ${formatBytes(bytes)}, ${shownDay(times)}`,
    );
  line(best, 'best');
  for (const { picture, cosine, exact } of copies) line(picture, exact ? '  same' : `  ${cosine.toFixed(3)}`);
}

const groupJson = ({ best, copies }: DuplicateGroup) => ({
  best: pictureJson(best),
  copies: copies.map(({ picture, cosine, exact }) => ({ ...pictureJson(picture), cosine, exact })),
});

/** Whether a picture's file is there, and as long as it was. */
const isThere = async ({ path, bytes }: DuplicateGroup['best']): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.size === bytes;

/** Paths of copies, for programs that may remove them: only where the best one is still there. */
async function printCopies(io: CliIo, found: Duplicates, zero: boolean): Promise<void> {
  const groups: DuplicateGroup[] = [];
  for (const group of found.groups) if (await isThere(group.best)) groups.push(group);
  const paths = copiesOf(groups).map(({ picture }) => picture.path);
  printPathsOf(io, paths, zero);
  const left = found.groups.length - groups.length;
  if (left > 0)
    note(
      io,
      `${left} ${left === 1 ? 'group is' : 'groups are'} left out: the best file is gone or has changed since it was indexed; run siglip2 index again`,
    );
  note(io, summary({ ...found, groups }));
}

async function run(raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  const { json, exact, threshold } = options;
  if (json && (options.paths || options.null)) throw new UsageError('--json and --paths exclude each other');
  if (exact && threshold !== undefined) throw new UsageError('--exact compares bytes; it has no --threshold');
  await withStored(options, async (collection) => {
    const bar = progressBar(io, 'pairs');
    const found = await findDuplicates(collection, {
      threshold,
      exact,
      filter: filterOf(options),
      model: await modelId(collection, options.model),
      onProgress: (done, total) => bar.update(done, total),
    }).finally(() => bar.end());
    if (json) return printJson(io, { threshold: found.threshold, groups: found.groups.map(groupJson) });
    if (options.paths || options.null) return printCopies(io, found, options.null);
    for (const group of found.groups) printGroup(io, group);
    note(io, summary(found));
  });
}

const HELP = `
Copies are files with the same bytes, and image files that show nearly the same: other sizes and
formats of one picture, slightly cut or brighter. The best of a group is the one with most pixels,
then most bytes, then the oldest. Every copy is near the best one itself, not only near another copy.
Nothing is removed.

WARNING: --paths prints every picture but the best of each group. Look at the groups first: two
pictures of one series can be nearer than the threshold, and what a picture says besides its pixels
(its date, its place, its folder) is not compared.`;

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('duplicates')
    .summary('group copies and near copies in a collection')
    .description('Groups the copies and near copies of pictures in a collection (see index). Needs no model.')
    .option(
      '--threshold <cosine>',
      'how near copies are, up to 1 (default: by the collection, 0.95 to 0.98 mostly)',
    )
    .option('--exact', 'only files with the same bytes')
    .option(
      '--paths',
      'print the paths of all but the best of each group, for other programs; see the warning below',
    )
    .option('-0, --null', 'as --paths, each with a zero byte behind it, for xargs -0');
  withJson(
    withModel(
      withCollectionOptions(withFilters(command)),
      'the one that the collection was indexed with; it is not loaded',
    ),
    'one JSON object: {"threshold", "groups": [{"best": {"path", …}, "copies": [{"path", "cosine", "exact", …}]}]}',
  )
    .addHelpText(
      'after',
      `${HELP}\n${examples(
        'siglip2 duplicates',
        'siglip2 duplicates --folder holiday --threshold 0.98 --json',
        'siglip2 duplicates --exact --paths',
      )}`,
    )
    .action((options: Record<string, unknown>) => run(options, io));
}
