import { basename } from 'node:path';
import { expand } from 'brace-expansion';
import { z } from 'zod';
import { check, limit, optional, settings } from '../../../tensor/settings.ts';
import { badRead } from '../../samples/badRead.ts';
import { checkPlace } from '../place.ts';
import { type ShardedSource, type ShardRead, type SourceOptions, sourceRules } from '../source.ts';
import { ThreadStopped, type WatchedThread } from '../thread/watchedThread.ts';
import { assertFile } from '../webdataset/webdataset.ts';
import { columnsRule, findColumns, type ParquetColumns } from './columns.ts';
import { NO_MORE, type ReadSettings, type StuckGroup } from './reads.ts';
import { parquetThreads } from './threads.ts';
import type { Question } from './worker.ts';

export interface ParquetOptions extends SourceOptions {
  /** Columns by name, where they are not called as img2dataset or the Hugging Face hub call them. */
  readonly columns?: Partial<ParquetColumns>;
  /**
   * Most bytes of the columns of a row group, which is held as a whole, and of any other piece of a file. A larger one
   * is skipped. Default 1 GiB.
   */
  readonly maxGroupBytes?: number;
  /**
   * Milliseconds without a sign of life after which the reading of a row group is given up; pages that are unpacked are
   * signs. A damaged file can keep a reader busy for ever. Default 30,000.
   */
  readonly maxSilence?: number;
}

const parquetSchema = settings<ParquetOptions>({
  ...sourceRules,
  columns: columnsRule,
  maxGroupBytes: optional(limit),
  maxSilence: optional(limit),
});

/**
 * Parquet files with images in them, as img2dataset writes them (`jpg`, `caption`, `key`) and as data sets on the
 * Hugging Face hub are (`image` with `bytes`, `text`, or a `label` whose classes are named). Rows without image bytes,
 * such as those that only have a URL or a path, are bad. A row group is read at a time, in a thread of its own, which is
 * ended when it gives no sign of life or takes too much memory; the row group is then bad, and the reading goes on.
 * @param pattern a path, or several with braces: `data/{00000..00012}.parquet`
 * @throws Error when a file is missing, or the first has no column of images or captions or not those that are named;
 *   RangeError naming the option that is none.
 * @example
 * const shards = await parquet('data/*.parquet', { columns: { image: 'jpg', caption: 'text' } });
 */
export async function parquet(
  pattern: string | readonly string[],
  options: ParquetOptions = {},
): Promise<ShardedSource> {
  check('parquet', parquetSchema, options);
  const { columns = {}, maxGroupBytes = 2 ** 30, maxSilence = 30_000, ...rest } = options;
  const patterns = typeof pattern === 'string' ? [pattern] : pattern;
  const shards = patterns.flatMap((one) => expand(one));
  if (shards.length === 0) throw new Error('parquet: no files are named: give a path or a pattern.');
  await Promise.all(shards.map(assertFile));
  const settings = { ...rest, name: options.name ?? patterns.join(','), columns, maxGroupBytes };
  await checkColumns(shards[0]!, settings, maxSilence);
  const memory = shards.map((): Stuck => ({ groups: [] }));
  return {
    kind: 'sharded',
    name: settings.name,
    shards,
    open(shard, place) {
      checkPlace(settings.name, shards, shard, place);
      return readFile(shards[shard]!, place, settings, maxSilence, memory[shard]!);
    },
  };
}

const ask = (thread: WatchedThread, question: Question, silence: number, onNews?: (news: unknown) => void) =>
  thread.ask(question, silence, onNews);

/** Wrong names are found before the run; a broken file is one of many, and reported while reading. */
async function checkColumns(path: string, settings: ReadSettings, silence: number): Promise<void> {
  const thread = parquetThreads.take();
  const { columns, keepUncaptioned } = settings;
  const names = await ask(thread, { kind: 'columns', path }, silence)
    .then((answer) => z.array(z.string()).parse(answer))
    .catch(() => undefined)
    .finally(() => parquetThreads.giveBack(thread));
  if (names) findColumns(names, columns, path, !keepUncaptioned);
}

/** What of a file a thread did not get through, so that it is not tried again in every pass. */
interface Stuck {
  readonly groups: StuckGroup[];
  /** The file as a whole. */
  file?: ShardRead;
}

const newsSchema = z.object({ start: z.number(), end: z.number() });
const batchSchema = z.object({
  done: z.boolean(),
  reads: z.array(z.custom<ShardRead>((read) => typeof read === 'object' && read !== null)),
});

/** The place is the number of rows before. Threads are started anew until one gets to the end. */
async function* readFile(
  path: string,
  place: number,
  settings: ReadSettings,
  silence: number,
  stuck: Stuck,
): AsyncGenerator<ShardRead> {
  let at = place;
  while (at < NO_MORE) {
    if (stuck.file) {
      yield stuck.file;
      return;
    }
    let group: z.infer<typeof newsSchema> | undefined;
    try {
      const onGroup = (news: unknown) => {
        group = newsSchema.parse(news);
      };
      for await (const read of oneThread(path, at, settings, silence, stuck.groups, onGroup)) {
        at = read.next;
        yield read;
      }
      return;
    } catch (error) {
      if (!(error instanceof ThreadStopped)) throw error;
      const detail = `the thread that read it ${error.message}`;
      if (group) stuck.groups.push({ start: group.start, detail });
      else
        stuck.file = { ...badRead(settings.name, basename(path), 'corrupt-archive', detail), next: NO_MORE };
    }
  }
}

/** The reads that one thread gives; it makes the next ones while these are used. */
async function* oneThread(
  path: string,
  place: number,
  settings: ReadSettings,
  silence: number,
  stuck: readonly StuckGroup[],
  onGroup: (news: unknown) => void,
): AsyncGenerator<ShardRead> {
  const thread = parquetThreads.take();
  try {
    const next = async () => batchSchema.parse(await ask(thread, { kind: 'next' }, silence, onGroup));
    await ask(thread, { kind: 'open', path, place, settings, stuck }, silence);
    let coming = next();
    for (let done = false; !done; ) {
      const batch = await coming;
      done = batch.done;
      if (!done) {
        coming = next();
        // It surfaces where it is awaited, after these reads.
        coming.catch(() => {});
      }
      yield* batch.reads;
    }
  } finally {
    if (thread.isIdle()) await ask(thread, { kind: 'close' }, silence).catch(() => {});
    await parquetThreads.giveBack(thread);
  }
}
