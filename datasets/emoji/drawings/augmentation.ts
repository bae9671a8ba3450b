import type { Random } from '../../../src/tensor/index.ts';
import { sampleBilinear } from './sampleBilinear.ts';

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
  /** Bends the drawing along a sine, across and along: the largest amplitude, as a share of the side. */
  readonly warp: number;
  /** Chance of a mirror image, where it has the same name (see mirror.ts). */
  readonly mirror: number;
  /** Largest change of brightness and contrast, as a share, either way. */
  readonly colour: number;
  /** Largest change of saturation, as a share, either way. */
  readonly saturation: number;
  /** Largest change of each channel's brightness apart from the others', as a share, either way. */
  readonly tint: number;
  /** Chance of a coloured background instead of white. */
  readonly background: number;
  /** Chance that a rectangle is erased, of up to 40 % of the side each way. */
  readonly erase: number;
  /** Chance that two vendors' drawings of one emoji are blended into one: a style between the two. */
  readonly blend: number;
  /** Chance that skin is drawn lighter or darker, towards another vendor's idea of the tone (see skinTones.ts). */
  readonly tone: number;
}

/** A drawing as it is, on white. */
export const UNCHANGED: DrawingAugmentation = {
  rotation: 0,
  zoom: 1,
  aspect: 1,
  shift: 0,
  warp: 0,
  mirror: 0,
  colour: 0,
  saturation: 0,
  tint: 0,
  background: 0,
  erase: 0,
  blend: 0,
  tone: 0,
};

export const EMOJI_AUGMENTATION: DrawingAugmentation = {
  rotation: 10,
  zoom: 1.2,
  aspect: 1.12,
  shift: 0.08,
  warp: 0.03,
  mirror: 0.2,
  colour: 0.08,
  saturation: 0.15,
  tint: 0.03,
  background: 0.5,
  erase: 0.1,
  blend: 0.3,
  tone: 0.8,
};

type Colour = readonly [number, number, number];

const drawBackground = (random: Random, chance: number): Colour =>
  random.next() < chance ? [random.next() * 255, random.next() * 255, random.next() * 255] : [255, 255, 255];

/** A number in [−limit, limit]. */
const either = (random: Random, limit: number): number => random.uniform(-limit, limit);

/** Where in the drawing the pixel in column x and row y of the result lies (in pixels): written into `at`. */
type Mapping = (x: number, y: number, at: Float64Array) => void;

/** A sine's displacement of each row or column: `size` steps for one or half a wave, any phase. */
function drawBend(random: Random, amplitude: number, size: number): Float64Array {
  const height = either(random, amplitude) * size;
  const frequency = (random.uniform(0.5, 1) * 2 * Math.PI) / size;
  const phase = random.uniform(0, 2 * Math.PI);
  return new Float64Array(size).map((_, i) => height * Math.sin(frequency * (i - (size - 1) / 2) + phase));
}

function drawMapping(
  random: Random,
  augmentation: DrawingAugmentation,
  size: number,
  mirrored: boolean,
): Mapping {
  const angle = (either(random, augmentation.rotation) * Math.PI) / 180;
  const zoom = augmentation.zoom ** -either(random, 1);
  const aspect = augmentation.aspect ** (either(random, 1) / 2);
  const [shiftX, shiftY] = [
    either(random, augmentation.shift) * size,
    either(random, augmentation.shift) * size,
  ];
  const [bendX, bendY] = [
    drawBend(random, augmentation.warp, size),
    drawBend(random, augmentation.warp, size),
  ];
  const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom];
  const side = mirrored ? -1 : 1;
  const centre = (size - 1) / 2;
  return (x, y, at) => {
    const u = (x - centre - shiftX + bendX[y]!) * aspect;
    const v = (y - centre - shiftY + bendY[x]!) / aspect;
    at[0] = centre + side * (cos * u + sin * v);
    at[1] = centre + (cos * v - sin * u);
  };
}

/** How much each channel's luminance weighs (ITU-R BT.601). */
export const LUMINANCE = [0.299, 0.587, 0.114] as const;

/** Colours 0 … 255 to the model's −1 … 1 with changed contrast, brightness, saturation and tint: rows of 3 and a bias. */
function drawColours(random: Random, augmentation: DrawingAugmentation): Float64Array {
  const brightness = either(random, augmentation.colour) * 255;
  const contrast = 1 + either(random, augmentation.colour);
  const saturation = 1 + either(random, augmentation.saturation);
  const rows = new Float64Array(12);
  for (let c = 0; c < 3; c++) {
    const gain = (contrast * (1 + either(random, augmentation.tint))) / 127.5;
    for (let k = 0; k < 3; k++) {
      rows[c * 4 + k] = gain * ((k === c ? saturation : 0) + (1 - saturation) * LUMINANCE[k]!);
    }
    rows[c * 4 + 3] = (brightness - 127.5 * contrast) / 127.5;
  }
  return rows;
}

/** Left, top, right and bottom of a rectangle to erase; an empty one where chance has none. */
function drawErased(random: Random, chance: number, size: number): readonly [number, number, number, number] {
  if (random.next() >= chance) return [0, 0, 0, 0];
  const [width, height] = [random.uniform(0.1, 0.4) * size, random.uniform(0.1, 0.4) * size];
  const [left, top] = [random.uniform(0, size - width), random.uniform(0, size - height)];
  return [left, top, left + width, top + height];
}

/**
 * Draws a picture, changed at random, onto a background as model input.
 * @param rgba size × size × 4 bytes, straight alpha
 * @param mayMirror whether a mirror image has the same name
 * @param out receives 3 × size × size values in [−1, 1] at `offset` (channels first)
 */
export function drawAugmented(
  rgba: Uint8Array,
  size: number,
  augmentation: DrawingAugmentation,
  mayMirror: boolean,
  random: Random,
  out: Float32Array,
  offset: number,
): void {
  const mirrored = random.next() < augmentation.mirror && mayMirror;
  const map = drawMapping(random, augmentation, size, mirrored);
  const colours = drawColours(random, augmentation);
  const background = drawBackground(random, augmentation.background);
  const [left, top, right, bottom] = drawErased(random, augmentation.erase, size);
  const plane = size * size;
  const pixel = new Float64Array(4);
  const at = new Float64Array(2);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (x >= left && x < right && y >= top && y < bottom) pixel.fill(0);
      else {
        map(x, y, at);
        sampleBilinear(rgba, size, at[0]!, at[1]!, pixel);
      }
      const through = 1 - pixel[3]!;
      for (let c = 0; c < 3; c++) pixel[c]! += background[c]! * through;
      for (let c = 0; c < 3; c++) {
        const row = c * 4;
        const value =
          colours[row]! * pixel[0]! +
          colours[row + 1]! * pixel[1]! +
          colours[row + 2]! * pixel[2]! +
          colours[row + 3]!;
        out[offset + c * plane + y * size + x] = Math.max(-1, Math.min(1, value));
      }
    }
  }
}
