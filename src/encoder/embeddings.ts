import { type NdArray, ndarray } from '../tensor/index.ts';

/** Embeddings of several items, one unit-length row each: [n, d]. */
export type Embeddings = NdArray<'float32'>;

/**
 * Runs items through `embed` in batches (it is told which item a batch starts at) and puts the rows together in order. The next batch is prepared while the
 * engine works on the current one.
 * @throws whatever preparing or embedding throws; nothing is returned in part.
 */
export async function inBatches<Item, Feed>(
  items: readonly Item[],
  batchSize: number,
  width: number,
  prepare: (items: readonly Item[]) => Promise<Feed> | Feed,
  embed: (feed: Feed, start: number) => Promise<NdArray>,
): Promise<Embeddings> {
  const rows = new Float32Array(items.length * width);
  const prepareAt = async (start: number) => prepare(items.slice(start, start + batchSize));
  let next = items.length > 0 ? prepareAt(0) : undefined;
  for (let start = 0; next; start += batchSize) {
    const feed = await next;
    const following = start + batchSize;
    next = following < items.length ? prepareAt(following) : undefined;
    // Awaited in the next round; a failure before that must not count as unhandled.
    next?.catch(() => {});
    const result = await embed(feed, start);
    rows.set(result.data as Float32Array, start * width);
  }
  return ndarray('float32', [items.length, width], rows);
}
