import { matchProbabilities } from '../encoder/classify.ts';
import type { Embeddings } from '../encoder/embeddings.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { check, flag, limit as limitRule, optional, settings } from '../tensor/settings.ts';
import type { Collection, CollectionHit } from './collection.ts';

export interface RankOptions {
  /** Most hits to give; all are with Infinity. */
  readonly limit: number;
  /** Give every variant of an item. Default: the best of them only. */
  readonly variants?: boolean;
}

const rankSchema = settings<RankOptions>({ limit: limitRule, variants: optional(flag) });

/**
 * The pictures that match a text best, best first; equal probabilities in the collection's order.
 * @param query unit-length text embedding, [1, d]
 * @param scalars of the encoder that embedded both
 * @throws RangeError when the query is of another width than the collection (two models), or naming the option that is none
 * @example
 * const encoder = await load();
 * const collection = await openCollection('photos/collection', encoder);
 * const query = await encoder.embedTexts(['고양이']);
 * if (collection) console.log(rank(collection, query, encoder.logitScalars, { limit: 24 }));
 */
export function rank(
  collection: Collection,
  query: Embeddings,
  scalars: Encoder['logitScalars'],
  options: RankOptions,
): CollectionHit[] {
  check('rank', rankSchema, options);
  const { limit, variants = false } = options;
  const { data } = matchProbabilities(query, collection.embeddings, scalars);
  const order = collection.items.map((_, index) => index).sort((a, b) => data[b]! - data[a]! || a - b);
  const shown = new Set<string>();
  const hits: CollectionHit[] = [];
  for (const index of order) {
    if (hits.length >= limit) break;
    const item = collection.items[index]!;
    const group = variants ? item.id : (item.variantOf ?? item.id);
    if (shown.has(group)) continue;
    shown.add(group);
    hits.push({ ...item, index, probability: data[index]! });
  }
  return hits;
}
