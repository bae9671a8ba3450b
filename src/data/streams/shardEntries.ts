import type { Read } from '../samples/sample.ts';
import type { ShardedSource } from '../sources/source.ts';

/** A place between two reads of a sharded source. */
export interface Place {
  readonly epoch: number;
  /** Which shard of the epoch's order. */
  readonly shard: number;
  /** Where in the shard (see `ShardRead.next`). */
  readonly place: number;
}

/** A read, or the end of a pass, and the place behind it. */
export interface Entry {
  readonly read?: Read;
  readonly after: Place;
}

/**
 * All reads from a place on, endlessly, shard by shard in each epoch's order.
 * @throws Error when a whole pass holds nothing to read.
 */
export async function* shardEntries(
  source: ShardedSource,
  orderOf: (epoch: number) => ArrayLike<number>,
  start: Place,
): AsyncGenerator<Entry> {
  for (let epoch = start.epoch; ; epoch++) {
    const order = orderOf(epoch);
    const first = epoch === start.epoch ? start : { shard: 0, place: 0 };
    let reads = 0;
    for (let shard = first.shard; shard < order.length; shard++) {
      const place = shard === first.shard ? first.place : 0;
      for await (const { next, ...read } of source.open(order[shard]!, place)) {
        reads++;
        yield { read, after: { epoch, shard, place: next } };
      }
    }
    const isWhole = first.shard === 0 && first.place === 0;
    if (isWhole && reads === 0) throw new Error(`${source.name}: the shards hold no samples.`);
    yield { after: { epoch: epoch + 1, shard: 0, place: 0 } };
  }
}
