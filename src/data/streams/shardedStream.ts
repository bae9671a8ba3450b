import { z } from 'zod';
import { createRandom } from '../../tensor/random.ts';
import { atLeastOne, check, optional, settings } from '../../tensor/settings.ts';
import type { Read } from '../samples/sample.ts';
import type { ShardedSource } from '../sources/source.ts';
import { lookAhead } from './lookAhead.ts';
import { type Entry, type Place, shardEntries } from './shardEntries.ts';
import {
  foreignPosition,
  type Position,
  type SampleStream,
  type StreamItem,
  type StreamOptions,
  streamRules,
} from './stream.ts';

export interface ShardedStreamOptions extends StreamOptions {
  /**
   * Most samples that are shuffled among each other. Default 1024. Two windows are in memory: one in use and one that
   * is being read.
   */
  readonly windowSamples?: number;
  /** A window is closed when its images have reached this many bytes. Default 256 MiB. */
  readonly windowBytes?: number;
}

const shardedSchema = settings<ShardedStreamOptions>({
  ...streamRules,
  windowSamples: optional(atLeastOne),
  windowBytes: optional(atLeastOne),
});

const count = z.number().int().nonnegative();

/** The beginning of a window, and how many of its reads have been given. */
const positionSchema = z.object({ epoch: count, shard: count, place: count, taken: count });

interface Window {
  readonly start: Place;
  readonly reads: readonly Read[];
  readonly end: Place;
}

/**
 * Endless passes over shards: each pass has an order of shards of its own, and consecutive reads are shuffled within
 * bounded windows (which never cross passes). Unlike a buffer from which samples are drawn and refilled, a window is a
 * function of where it begins, so the position stays small and coming back costs one window.
 * @throws RangeError naming the limit or the seed that is none.
 * @example
 * const stream = shardedStream(await webdataset('data/*.tar'), { seed: 0 });
 */
export function shardedStream(source: ShardedSource, options: ShardedStreamOptions): SampleStream {
  const { name } = source;
  check('stream', shardedSchema, options);
  const { seed, shuffle = true, windowSamples = 1024, windowBytes = 256 * 2 ** 20 } = options;
  const shards = source.shards.length;
  const inOrder = Int32Array.from({ length: shards }, (_, i) => i);
  const orderOf = (epoch: number): Int32Array =>
    shuffle ? createRandom(seed, 'data', 'shards', name, epoch).permutation(shards) : inOrder;
  const orderIn = ({ start, reads }: Window): Int32Array | undefined =>
    shuffle
      ? createRandom(seed, 'data', 'window', name, start.epoch, start.shard, start.place).permutation(
          reads.length,
        )
      : undefined;

  async function* from(position?: Position): AsyncGenerator<StreamItem> {
    const parsed = positionSchema.safeParse(position ?? { epoch: 0, shard: 0, place: 0, taken: 0 });
    if (!parsed.success) throw foreignPosition(name);
    const { taken, ...start } = parsed.data;
    let skip = taken;
    const entries = shardEntries(source, orderOf, start);
    for await (const window of lookAhead(windowsOf(entries, start, windowSamples, windowBytes), 1)) {
      const { reads } = window;
      const order = orderIn(window);
      for (let i = skip; i < reads.length; i++) {
        const next = i + 1 < reads.length ? { ...window.start, taken: i + 1 } : { ...window.end, taken: 0 };
        yield { ...reads[order?.[i] ?? i]!, next, epoch: window.start.epoch };
      }
      skip = 0;
    }
  }
  // Not the paths: data may move. Places are meaningless when shards are added, and the number tells.
  const identity = { sharded: name, shards, seed, shuffle, windowSamples, windowBytes };
  return { identity, from };
}

/** Consecutive reads up to a number or a size or the end of a pass. */
async function* windowsOf(
  entries: AsyncIterable<Entry>,
  from: Place,
  maxReads: number,
  maxBytes: number,
): AsyncGenerator<Window> {
  let start = from;
  let reads: Read[] = [];
  let bytes = 0;
  for await (const { read, after } of entries) {
    if (read) {
      reads.push(read);
      bytes += bytesOf(read);
    }
    if (read && reads.length < maxReads && bytes < maxBytes) continue;
    if (reads.length > 0) yield { start, reads, end: after };
    start = after;
    reads = [];
    bytes = 0;
  }
}

function bytesOf({ sample }: Read): number {
  if (!sample || typeof sample.image === 'string') return 0;
  return sample.image instanceof Uint8Array ? sample.image.length : sample.image.data.length;
}
