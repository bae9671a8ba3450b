import type { Random } from '../../tensor/random.ts';

/** Ranges of the random changes to a drawing, chosen to keep what its name says (direction, colour, skin tone). */
export interface DrawingAugmentation {
  /** Largest rotation, in degrees, either way. */
  readonly rotation: number;
  /** Zoom is drawn from [1/zoom, zoom]. */
  readonly zoom: number;
  /** Largest shift, as a share of the side, either way. */
  readonly shift: number;
  /** Largest change of brightness and contrast, as a share, either way. */
  readonly colour: number;
  /** Chance of a coloured background instead of white. */
  readonly background: number;
}

export const EMOJI_AUGMENTATION: DrawingAugmentation = {
  rotation: 10,
  zoom: 1.2,
  shift: 0.08,
  colour: 0.12,
  background: 0.5,
};

type Colour = readonly [number, number, number];

const drawBackground = (random: Random, chance: number): Colour =>
  random.next() < chance ? [random.next() * 255, random.next() * 255, random.next() * 255] : [255, 255, 255];

/** Premultiplied bilinear sample of an RGBA picture; outside it is transparent. Writes r, g, b, a (0–255) to `out`. */
function sample(rgba: Uint8Array, size: number, x: number, y: number, out: Float64Array): void {
  out.fill(0);
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  for (let dy = 0; dy < 2; dy++) {
    for (let dx = 0; dx < 2; dx++) {
      const [px, py] = [x0 + dx, y0 + dy];
      if (px < 0 || py < 0 || px >= size || py >= size) continue;
      const weight = (dx ? x - x0 : 1 - x + x0) * (dy ? y - y0 : 1 - y + y0);
      const at = (py * size + px) * 4;
      const alpha = rgba[at + 3]! * weight;
      for (let c = 0; c < 3; c++) out[c]! += (rgba[at + c]! * alpha) / 255;
      out[3]! += alpha;
    }
  }
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
  const [shiftX, shiftY] = [range(augmentation.shift) * size, range(augmentation.shift) * size];
  const brightness = range(augmentation.colour) * 255;
  const contrast = 1 + range(augmentation.colour);
  const background = drawBackground(random, augmentation.background);
  const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom];
  const centre = (size - 1) / 2;
  const pixel = new Float64Array(4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [u, v] = [x - centre - shiftX, y - centre - shiftY];
      sample(rgba, size, centre + cos * u + sin * v, centre - sin * u + cos * v, pixel);
      for (let c = 0; c < 3; c++) {
        const value = pixel[c]! + (background[c]! * (255 - pixel[3]!)) / 255;
        const changed = Math.min(255, Math.max(0, (value - 127.5) * contrast + 127.5 + brightness));
        out[offset + (c * size + y) * size + x] = changed / 127.5 - 1;
      }
    }
  }
}
