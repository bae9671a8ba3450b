import { at, type Reference, tabulate } from './array.ts';

/** softmax(q·kᵀ/√(d/heads) + mask)·v per head, one output element at a time. */
export function attention(
  q: Reference,
  k: Reference,
  v: Reference,
  heads: number,
  mask?: Reference,
): Reference {
  const [, length, width] = q.shape as [number, number, number];
  const keys = k.shape[1]!;
  const headSize = width / heads;
  const scores = tabulate([q.shape[0]!, heads, length, keys], (index) => {
    const [b, h, t, s] = index as [number, number, number, number];
    let total = 0;
    for (let i = h * headSize; i < (h + 1) * headSize; i++) total += at(q, [b, t, i]) * at(k, [b, s, i]);
    return total / Math.sqrt(headSize) + (mask ? at(mask, index) : 0);
  });
  return tabulate(q.shape, ([b, t, i]) => {
    const h = Math.floor(i! / headSize);
    const row = Array.from({ length: keys }, (_, s) => at(scores, [b!, h, t!, s]));
    const largest = Math.max(...row);
    const weights = row.map((score) => Math.exp(score - largest));
    const total = weights.reduce((a, w) => a + w, 0);
    return weights.reduce((sum, w, s) => sum + (w / total) * at(v, [b!, s, i!]), 0);
  });
}
