import { join } from 'node:path';
import { writeAll, writeAtomic } from '../../checkpoint/files/atomic.ts';
import { callback, check, count, optional, settings, text, wholeNumber } from '../../tensor/settings.ts';
import type { Sample } from '../samples/sample.ts';
import { encodedSample, sampleMembers } from './sampleMembers.ts';
import { TAR_END, tarBytes } from './tarBytes.ts';

export interface WriteShardsOptions {
  /** Folder of the shards; it is made. */
  readonly folder: string;
  /** Shards are `<prefix>-000000.tar`, …. Default `shard`. */
  readonly prefix?: string;
  /** Most samples of a shard. Default 10,000, as img2dataset writes them. */
  readonly maxSamples?: number;
  /** A shard is closed when it has reached this many bytes. Default 1 GiB. */
  readonly maxBytes?: number;
  /** Number of the first shard, to go on where an earlier call stopped. Default 0. */
  readonly firstShard?: number;
  /** Called when a shard is whole and on disk. */
  readonly onShard?: (shard: WrittenShard) => void | Promise<void>;
}

const writeShardsSchema = settings<WriteShardsOptions>({
  folder: text,
  prefix: optional(text),
  maxSamples: optional(count),
  maxBytes: optional(count),
  firstShard: optional(wholeNumber),
  onShard: optional(callback()),
});

export interface WrittenShard {
  readonly path: string;
  readonly samples: number;
  readonly bytes: number;
}

/**
 * Writes samples as WebDataset tar shards, which {@link webdataset} reads back: the image (encoded bytes as they are,
 * decoded pixels as PNG), and a JSON member with key, captions and regions. Members are named by shard and number, so any key will do.
 * A shard appears under its name only when it is whole; equal samples give equal bytes.
 * @returns the shards, in order; none for no samples
 * @throws RangeError when a limit is not a positive number; Error when an image can't be read, and what `samples`
 * throws. Shards that are whole stay.
 * @example
 * const written = await writeShards(readSource(await imageFolder('photos')), { folder: 'out/shards' });
 */
export async function writeShards(
  samples: AsyncIterable<Sample> | Iterable<Sample>,
  options: WriteShardsOptions,
): Promise<WrittenShard[]> {
  const { folder, prefix = 'shard', maxSamples = 10_000, maxBytes = 2 ** 30, firstShard = 0 } = options;
  check('writeShards', writeShardsSchema, options);
  const rest = peekable(samples);
  const written: WrittenShard[] = [];
  try {
    for (let number = firstShard; (await rest.peek()) !== undefined; number++) {
      const path = join(folder, `${prefix}-${String(number).padStart(6, '0')}.tar`);
      const shard = await writeShard(path, number, rest, maxSamples, maxBytes);
      written.push(shard);
      await options.onShard?.(shard);
    }
  } finally {
    await rest.close();
  }
  return written;
}

async function writeShard(
  path: string,
  number: number,
  rest: Peekable<Sample>,
  maxSamples: number,
  maxBytes: number,
): Promise<WrittenShard> {
  let samples = 0;
  let bytes = 0;
  await writeAtomic(path, async (file) => {
    for (; samples < maxSamples && bytes < maxBytes; samples++) {
      const sample = await rest.peek();
      if (!sample) break;
      const stem = `${String(number).padStart(6, '0')}${String(samples).padStart(6, '0')}`;
      const chunk = await tarBytes(sampleMembers(await encodedSample(sample), stem));
      await writeAll(file, chunk);
      bytes += chunk.length;
      rest.take();
    }
    await writeAll(file, TAR_END);
  });
  return { path, samples, bytes: bytes + TAR_END.length };
}

interface Peekable<T> {
  /** The next item, which stays the next one until it is taken; undefined at the end. */
  peek(): Promise<T | undefined>;
  take(): void;
  close(): Promise<void>;
}

function peekable<T>(items: AsyncIterable<T> | Iterable<T>): Peekable<T> {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
  let held: IteratorResult<T> | undefined;
  return {
    async peek() {
      held ??= await iterator.next();
      return held.done ? undefined : held.value;
    },
    take() {
      held = undefined;
    },
    async close() {
      if (!held?.done) await iterator.return?.();
    },
  };
}
