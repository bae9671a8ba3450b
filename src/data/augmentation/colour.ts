import type { FloatImage } from '../../input/image/rgbImage.ts';

/**
 * Colour operations on images with values 0 … 1. The formulas are torchvision's for tensors
 * (`transforms/_functional_tensor.py`); Pillow's ImageEnhance and ImageOps agree to their rounding to 8 bits
 * (parity/augment.py). Each returns a new image.
 */

/** torchvision's weights of red, green and blue in grey (ITU-R 601 to four digits). */
const GREY = [0.2989, 0.587, 0.114] as const;

const clip = (value: number): number => Math.min(1, Math.max(0, value));

const greyOf = (data: Float32Array, at: number): number =>
  GREY[0] * data[at]! + GREY[1] * data[at + 1]! + GREY[2] * data[at + 2]!;

/** Each pixel moved from a grey of its own: factor 0 gives the grey, 1 the pixel, more than 1 goes beyond. */
function blendWithGrey(
  image: FloatImage,
  factor: number,
  grey: (data: Float32Array, at: number) => number,
): FloatImage {
  const data = new Float32Array(image.data.length);
  for (let at = 0; at < data.length; at += 3) {
    const rest = (1 - factor) * grey(image.data, at);
    for (let c = at; c < at + 3; c++) data[c] = clip(factor * image.data[c]! + rest);
  }
  return { ...image, data };
}

/** Multiplies every value; 0 is black, 1 changes nothing. */
export const adjustBrightness = (image: FloatImage, factor: number): FloatImage =>
  blendWithGrey(image, factor, () => 0);

/** Moves every value from the mean grey of the picture; 0 is that grey, 1 changes nothing. */
export function adjustContrast(image: FloatImage, factor: number): FloatImage {
  let sum = 0;
  for (let at = 0; at < image.data.length; at += 3) sum += greyOf(image.data, at);
  const mean = (3 * sum) / image.data.length;
  return blendWithGrey(image, factor, () => mean);
}

/** Moves every pixel from its own grey; 0 is a grey picture, 1 changes nothing. */
export const adjustSaturation = (image: FloatImage, factor: number): FloatImage =>
  blendWithGrey(image, factor, greyOf);

/** The grey picture, with three equal channels. */
export const greyscale = (image: FloatImage): FloatImage => blendWithGrey(image, 0, greyOf);

/** Inverts the values of at least `threshold`. DINO's threshold is 128 of 255. */
export function solarise(image: FloatImage, threshold: number): FloatImage {
  const data = new Float32Array(image.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = image.data[i]!;
    data[i] = value >= threshold ? 1 - value : value;
  }
  return { ...image, data };
}

/** Hue of a pixel in turns (0 … 1) from its channels, highest channel and span; 0 for greys. */
function hueOf(r: number, g: number, b: number, high: number, span: number): number {
  if (span === 0) return 0;
  const sixths = high === r ? (g - b) / span : high === g ? 2 + (b - r) / span : 4 + (r - g) / span;
  return (sixths / 6 + 1) % 1;
}

/**
 * Turns the hue, keeping saturation and value (HSV).
 * @param shift in turns, −0.5 … 0.5
 */
export function adjustHue(image: FloatImage, shift: number): FloatImage {
  const data = new Float32Array(image.data.length);
  for (let at = 0; at < data.length; at += 3) {
    const r = image.data[at]!;
    const g = image.data[at + 1]!;
    const b = image.data[at + 2]!;
    const high = Math.max(r, g, b);
    const span = high - Math.min(r, g, b);
    const sixths = 6 * ((((hueOf(r, g, b, high, span) + shift) % 1) + 1) % 1);
    for (let c = 0; c < 3; c++) {
      // The channel's distance from its own colour on the wheel: red at 0, green at 2, blue at 4 sixths.
      const distance = Math.abs(((sixths - 2 * c + 9) % 6) - 3);
      data[at + c] = high - span * clip(distance - 1);
    }
  }
  return { ...image, data };
}
