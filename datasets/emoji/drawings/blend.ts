/**
 * A drawing between two: each colour weighted by its share and its opacity.
 * @param a, b pixels × 4 bytes, straight alpha
 * @param share of b, 0 … 1
 */
export function blendDrawings(a: Uint8Array, b: Uint8Array, share: number): Uint8Array {
  const out = new Uint8Array(a.length);
  for (let i = 0; i < a.length; i += 4) {
    const [alphaA, alphaB] = [a[i + 3]! * (1 - share), b[i + 3]! * share];
    const alpha = alphaA + alphaB;
    if (alpha === 0) continue;
    for (let c = 0; c < 3; c++) out[i + c] = Math.round((a[i + c]! * alphaA + b[i + c]! * alphaB) / alpha);
    out[i + 3] = Math.round(alpha);
  }
  return out;
}
