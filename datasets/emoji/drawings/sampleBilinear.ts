/**
 * One corner's part of a bilinear sample, added to `pixel` (premultiplied r, g, b and alpha, 0 … 255); outside the
 * picture all is transparent.
 */
function addCorner(
  rgba: Uint8Array,
  size: number,
  x: number,
  y: number,
  weight: number,
  pixel: Float64Array,
): void {
  if (x < 0 || y < 0 || x >= size || y >= size) return;
  const at = (y * size + x) * 4;
  const alpha = rgba[at + 3]!;
  if (alpha === 0) return;
  const share = (alpha * weight) / 255;
  pixel[0]! += rgba[at]! * share;
  pixel[1]! += rgba[at + 1]! * share;
  pixel[2]! += rgba[at + 2]! * share;
  pixel[3]! += share;
}

/** Bilinear sample at (x, y): premultiplied r, g, b (0 … 255) and opacity (0 … 1). */
export function sampleBilinear(
  rgba: Uint8Array,
  size: number,
  x: number,
  y: number,
  pixel: Float64Array,
): void {
  pixel[0] = 0;
  pixel[1] = 0;
  pixel[2] = 0;
  pixel[3] = 0;
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  if (x0 < -1 || y0 < -1 || x0 >= size || y0 >= size) return;
  const dx = x - x0;
  const dy = y - y0;
  addCorner(rgba, size, x0, y0, (1 - dx) * (1 - dy), pixel);
  addCorner(rgba, size, x0 + 1, y0, dx * (1 - dy), pixel);
  addCorner(rgba, size, x0, y0 + 1, (1 - dx) * dy, pixel);
  addCorner(rgba, size, x0 + 1, y0 + 1, dx * dy, pixel);
}
