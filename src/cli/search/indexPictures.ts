import type { Command } from 'commander';
import { z } from 'zod';
import type { Collection } from '../../search/collection/collection.ts';
import { indexBy } from '../../search/indexing/indexPictures.ts';
import { scopeOf } from '../../search/indexing/listing/scope.ts';
import type { IndexOptions, IndexSummary } from '../../search/indexing/options.ts';
import { watchPictures } from '../../search/indexing/watching/watchPictures.ts';
import { storeOf } from '../../search/stores/stores.ts';
import { InterruptedError, UsageError } from '../support/errors.ts';
import { type CliIo, note } from '../support/io.ts';
import type { ModelOptions } from '../support/options.ts';
import { examples, maxBad, modelSchema, parseOptions, withEngine, withJson } from '../support/options.ts';
import {
  type CollectionOptions,
  collectionFields,
  locationOf,
  withCollectionOptions,
} from './collectionOptions.ts';
import { type IndexModel, withIndexModel } from './indexing/indexModel.ts';
import { indexProgress } from './indexing/indexProgress.ts';
import { assertFewBadFiles, filesText, isNews, reportIndex } from './indexing/indexReport.ts';
import { mainModelName, storedName } from './withCollection.ts';

/** `every=2s`, for videos. */
const frames = z
  .string()
  .regex(/^every=\d+(\.\d+)?s?$/, 'expected every=2s, or another number of seconds')
  .transform((text) => ({ everySeconds: Number(text.replace(/^every=|s$/g, '')) }))
  .refine(({ everySeconds }) => everySeconds > 0, 'expected more than 0 seconds');

const schema = modelSchema.extend({
  ...collectionFields,
  exclude: z.array(z.string()).default([]),
  frames: frames.optional(),
  pages: z.boolean().default(true),
  retryBad: z.boolean().default(false),
  dropEmptied: z.boolean().default(false),
  watch: z.boolean().default(false),
  maxBad,
  json: z.boolean().default(false),
});
type Options = z.output<typeof schema>;

/** Opens a collection once, when it is first needed; closes it in the end. */
async function withOpening<T>(
  options: CollectionOptions,
  use: (existing: Collection | undefined, open: () => Promise<Collection>) => Promise<T>,
): Promise<T> {
  const location = locationOf(options);
  const store = storeOf(location);
  let opened: Promise<Collection> | undefined;
  const open = () => {
    opened ??= store.open(location, { name: options.name, create: true });
    return opened;
  };
  try {
    const names = await store.list(location);
    return await use(names.includes(options.name) ? await open() : undefined, open);
  } finally {
    await (await opened?.catch(() => undefined))?.close();
  }
}

/** Runs `use` with the collection and the model that pictures are to be embedded by: the collection's, unless one is named. */
const withIndexing = <T>(
  options: CollectionOptions & ModelOptions,
  io: CliIo,
  use: (opened: IndexModel) => Promise<T>,
): Promise<T> =>
  withOpening(options, async (existing, open) => {
    const known = existing && options.model === undefined ? await mainModelName(existing) : undefined;
    const model = known?.loadable ?? options.model;
    return withIndexModel(
      { ...options, model },
      io,
      open,
      known?.name ?? (await storedName(options.model)),
      use,
    );
  });

/** Runs `work` with its progress shown and a signal that the first Ctrl-C gives, which says `stopping`. */
async function withProgress<T>(
  io: CliIo,
  stopping: string,
  work: (signal: AbortSignal, progress: ReturnType<typeof indexProgress>) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const stopListening = io.onInterrupt(() => {
    note(io, `\n${stopping}`);
    stop.abort();
  });
  const progress = indexProgress(io);
  try {
    return await work(stop.signal, progress);
  } finally {
    progress.end();
    stopListening();
  }
}

async function report(
  io: CliIo,
  { collection, model }: IndexModel,
  summary: IndexSummary,
  json: boolean,
): Promise<void> {
  const title = { name: collection.name, model: model.name, pictures: await collection.count() };
  reportIndex(io, title, summary, json);
}

async function indexOnce(
  io: CliIo,
  opened: IndexModel,
  paths: readonly string[],
  options: Options,
  settings: IndexOptions,
): Promise<void> {
  const { collection, encoder, model } = opened;
  const stopping = 'stopping after the current pictures; press again to stop at once';
  const summary = await withProgress(io, stopping, (signal, progress) =>
    indexBy(collection, encoder, model, paths, { ...settings, signal, onProgress: progress.update }),
  );
  if (summary.isStopped)
    throw new InterruptedError(
      `stopped (${filesText(summary)}); what is done is kept: the same command continues`,
    );
  await report(io, opened, summary, options.json);
  assertFewBadFiles(summary, options.maxBad);
}

/** Follows the folders until Ctrl-C, and says what became of changes. */
const follow = (
  io: CliIo,
  opened: IndexModel,
  paths: readonly string[],
  options: Options,
  settings: IndexOptions,
): Promise<void> =>
  withProgress(io, 'ending', async (signal, progress) => {
    let isFirst = true;
    const { collection, encoder, model } = opened;
    const asked = { ...settings, onProgress: progress.update };
    for await (const event of watchPictures({ collection, encoder, model, paths, signal, options: asked })) {
      progress.end();
      if (event.kind === 'notice') note(io, event.text);
      else if (isFirst || isNews(event.summary)) await report(io, opened, event.summary, options.json);
      if (isFirst && event.kind === 'indexed') {
        isFirst = false;
        note(io, `following ${paths.join(', ')}; Ctrl-C ends`);
      }
    }
  });

async function index(paths: readonly string[], raw: Record<string, unknown>, io: CliIo): Promise<void> {
  const options = parseOptions(schema, raw);
  if (paths.length === 0) throw new UsageError('nothing to index: name folders or picture files');
  // What a shell makes of a variable that is not set: it would be the folder where the command runs.
  if (paths.includes('')) throw new UsageError('a path is empty: name folders or picture files');
  const { exclude, retryBad, dropEmptied, pages } = options;
  // A wrong path is told before a model is loaded and a collection made.
  const { files } = await scopeOf(paths);
  if (options.watch && files.length > 0)
    throw new UsageError(`--watch follows folders, and ${files[0]} is a file`);
  const settings: IndexOptions = {
    ...{ exclude, retryBad, dropEmptied },
    pictures: { frames: options.frames, pages },
  };
  const work = options.watch ? follow : indexOnce;
  await withIndexing(options, io, (opened) => work(io, opened, paths, options, settings));
}

const HELP = `
A folder is taken with all below it; hidden files and links to folders are left out, and so is what
is no picture. Run the same command again after changes: files that are as they were are not opened,
moved and copied ones are not embedded again, and those that are gone are dropped. Nothing is dropped
for a folder that is absent or can't be read. The pictures' files are never changed.
Ctrl-C or a crash loses at most some seconds of work, and the same command continues.
Bad files are skipped, counted by reason at the end, and not tried again until they change, or with
--retry-bad. Of a video that breaks off, or a PDF with pages that can't be drawn, what there is can
be found; such files are counted and named too.
Exit codes: 0 done, 1 failed, 2 wrong command line, 3 done but more bad files than --max-bad,
130 interrupted.`;

export function register(program: Command, io: CliIo): void {
  const command = program
    .command('index')
    .summary('make folders of pictures searchable, and keep them so')
    .description('Brings a collection to what folders of pictures hold now. Then siglip2 search finds them.')
    .argument('[paths...]', 'folders, and picture files')
    .option(
      '--exclude <globs...>',
      'leave out what matches: a name at any depth (thumbs, "*.gif"), or a path below the folder ("2019/raw/**")',
    )
    .option('--frames <every>', 'take frames of videos too, by ffmpeg: every=2s')
    .option('--no-pages', 'leave the pages of PDF documents out')
    .option('--watch', 'go on, and follow what changes in the folders, until Ctrl-C')
    .option('--retry-bad', 'try bad files, and those read in part, again though they have not changed')
    .option('--drop-emptied', 'drop also what lay in folders that are empty now')
    .option('--max-bad <share>', 'largest share of bad files with which the command succeeds (default: 0.1)');
  withJson(
    withEngine(
      withCollectionOptions(command),
      'the one that the collection was indexed with; for a new one the embedded emoji model',
    ),
    'one JSON object: the collection, its pictures, and files by what became of them',
  )
    .addHelpText(
      'after',
      `${examples(
        'siglip2 index ~/Pictures --model google/siglip2-base-patch16-224',
        'siglip2 index holiday/ scans/ --name photos --exclude thumbs "*.gif"',
        'siglip2 index ~/Videos --name videos --frames every=2s',
        'siglip2 index ~/Pictures --watch',
        'siglip2 index ~/Pictures --database postgres://me@localhost/pictures',
      )}\n${HELP}`,
    )
    .action((paths: string[], options: Record<string, unknown>) => index(paths, options, io));
}
