import type { Random } from '../../tensor/random.ts';

/** Ranges of the random changes to a drawing, chosen to keep what its name says (direction, colour, skin tone). */
export interface DrawingAugmentation {
  /** Largest rotation, in degrees, either way. */
  readonly rotation: number;
  /** Zoom is drawn from [1/zoom, zoom]. */
  readonly zoom: number;
  /** How much wider than high, or the other way round: drawn from [1/aspect, aspect]. */
  readonly aspect: number;
  /** Largest shift, as a share of the side, either way. */
  readonly shift: number;
  /** Largest change of brightness and contrast, as a share, either way. */
  readonly colour: number;
  /** Chance of a coloured background instead of white. */
  readonly background: number;
  /** Chance that two vendors' drawings of one emoji are blended into one: a style between the two. */
  readonly blend: number;
}

export const EMOJI_AUGMENTATION: DrawingAugmentation = {
  rotation: 10,
  zoom: 1.2,
  aspect: 1.1,
  shift: 0.08,
  colour: 0.08,
  background: 0.5,
  blend: 0.3,
};

type Colour = readonly [number, number, number];

const drawBackground = (random: Random, chance: number): Colour =>
  random.next() < chance ? [random.next() * 255, random.next() * 255, random.next() * 255] : [255, 255, 255];

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
function sample(rgba: Uint8Array, size: number, x: number, y: number, pixel: Float64Array): void {
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

/**
 * Draws a picture, changed at random, onto a background as model input.
 * @param rgba size × size × 4 bytes, straight alpha
 * @param out receives 3 × size × size values in [−1, 1] at `offset` (channels first)
 */
export function drawAugmented(
  rgba: Uint8Array,
  size: number,
  augmentation: DrawingAugmentation,
  random: Random,
  out: Float32Array,
  offset: number,
): void {
  const range = (limit: number) => random.uniform(-limit, limit);
  const angle = (range(augmentation.rotation) * Math.PI) / 180;
  const zoom = augmentation.zoom ** -range(1);
  const aspect = augmentation.aspect ** (range(1) / 2);
  const [shiftX, shiftY] = [range(augmentation.shift) * size, range(augmentation.shift) * size];
  const brightness = range(augmentation.colour) * 255;
  const contrast = 1 + range(augmentation.colour);
  const background = drawBackground(random, augmentation.background);
  const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom];
  const centre = (size - 1) / 2;
  const plane = size * size;
  const pixel = new Float64Array(4);
  // Contrast, brightness and the range of the model in one multiplication and one addition.
  const gain = contrast / 127.5;
  const bias = (brightness - 127.5 * contrast) / 127.5;
  for (let y = 0; y < size; y++) {
    const v = (y - centre - shiftY) / aspect;
    for (let x = 0; x < size; x++) {
      const u = (x - centre - shiftX) * aspect;
      sample(rgba, size, centre + cos * u + sin * v, centre - sin * u + cos * v, pixel);
      const through = 1 - pixel[3]!;
      for (let c = 0; c < 3; c++) {
        const value = (pixel[c]! + background[c]! * through) * gain + bias;
        out[offset + c * plane + y * size + x] = Math.max(-1, Math.min(1, value));
      }
    }
  }
}
