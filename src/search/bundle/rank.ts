import { matchProbabilities } from '../../encoder/classify.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { check, flag, limit as limitRule, optional, settings } from '../../tensor/settings.ts';
import type { Bundle, BundleHit } from './bundle.ts';

export interface RankOptions {
  /** Most hits to give; all are with Infinity. */
  readonly limit: number;
  /** Give every variant of an item. Default: the best of them only. */
  readonly variants?: boolean;
}

const rankSchema = settings<RankOptions>({ limit: limitRule, variants: optional(flag) });

/**
 * The pictures that match a text best, best first; equal probabilities in the bundle's order.
 * @param query unit-length text embedding, [1, d]
 * @param scalars of the encoder that embedded both
 * @throws RangeError when the query is of another width than the bundle (two models), or naming the option that is none
 * @example
 * const encoder = await load();
 * const bundle = await openBundle('models/emoji/gallery', encoder);
 * const query = await encoder.embedTexts(['고양이']);
 * if (bundle) console.log(rank(bundle, query, encoder.logitScalars, { limit: 24 }));
 */
export function rank(
  bundle: Bundle,
  query: Embeddings,
  scalars: Encoder['logitScalars'],
  options: RankOptions,
): BundleHit[] {
  check('rank', rankSchema, options);
  const { limit, variants = false } = options;
  const { data } = matchProbabilities(query, bundle.embeddings, scalars);
  const order = bundle.items.map((_, index) => index).sort((a, b) => data[b]! - data[a]! || a - b);
  const shown = new Set<string>();
  const hits: BundleHit[] = [];
  for (const index of order) {
    if (hits.length >= limit) break;
    const item = bundle.items[index]!;
    const group = variants ? item.id : (item.variantOf ?? item.id);
    if (shown.has(group)) continue;
    shown.add(group);
    hits.push({ ...item, index, probability: data[index]! });
  }
  return hits;
}
