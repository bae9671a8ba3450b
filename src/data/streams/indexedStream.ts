import { createRandom } from '../../tensor/random.ts';
import { check } from '../../tensor/settings.ts';
import type { IndexedSource } from '../sources/source.ts';
import {
  foreignPosition,
  type Position,
  type SampleStream,
  type StreamItem,
  type StreamOptions,
  streamSchema,
} from './stream.ts';

/**
 * Endless passes over a source that is read in any order; each pass is a permutation of its own, drawn from seed,
 * source name and pass. The position is the number of reads, so any place is reached at once.
 * @throws Error when the source is empty.
 * @example
 * const stream = indexedStream(await imageFolder('photos'), { seed: 0 });
 */
export function indexedStream(source: IndexedSource, options: StreamOptions): SampleStream {
  const { name, size } = source;
  check('stream', streamSchema, options);
  const { seed, shuffle = true } = options;
  if (size === 0) throw new Error(`${name}: holds no samples.`);

  const orderOf = (epoch: number): Int32Array | undefined =>
    shuffle ? createRandom(seed, 'data', 'order', name, epoch).permutation(size) : undefined;

  async function* from(position?: Position): AsyncGenerator<StreamItem> {
    const first = position ?? 0;
    if (typeof first !== 'number' || !Number.isSafeInteger(first) || first < 0) throw foreignPosition(name);
    let epoch = -1;
    let order: Int32Array | undefined;
    for (let read = first; ; read++) {
      if (Math.floor(read / size) !== epoch) {
        epoch = Math.floor(read / size);
        order = orderOf(epoch);
      }
      const index = read % size;
      yield { ...(await source.read(order?.[index] ?? index)), next: read + 1, epoch };
    }
  }
  return { identity: { indexed: name, size, seed, shuffle }, from };
}
