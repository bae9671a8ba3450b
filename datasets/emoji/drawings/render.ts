import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import { type RgbaImage, type RgbaPixels, resizePillow, rgbImage } from '../../../src/data/index.ts';
import type { RgbImage } from '../../../src/index.ts';
import type { Drawing } from './drawings.ts';

/** Dots per inch at which an SVG's own units are one pixel each. */
const SVG_DENSITY = 72;
/** An SVG is rasterised at this many times the target, so that our filter and not the rasteriser decides edges. */
const SVG_OVERSAMPLING = 2;

async function decode(drawing: Drawing, size: number): Promise<RgbaImage> {
  const bytes = 'svg' in drawing ? Buffer.from(drawing.svg) : await readFile(drawing.path);
  let density = SVG_DENSITY;
  if ('svg' in drawing || extname(drawing.path) === '.svg') {
    const { width = size, height = size } = await sharp(bytes, { density }).metadata();
    density *= Math.max(1, (SVG_OVERSAMPLING * size) / Math.min(width, height));
  }
  const { data, info } = await sharp(bytes, { density })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data: new Uint8Array(data) };
}

/** Centres the image on a transparent square as wide as its longer side. */
export function padToSquare(image: RgbaImage): RgbaImage {
  const { width, height, data } = image;
  if (width === height) return image;
  const side = Math.max(width, height);
  const left = (side - width) >> 1;
  const top = (side - height) >> 1;
  const square = new Uint8Array(side * side * 4);
  for (let y = 0; y < height; y++) {
    square.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y + top) * side + left) * 4);
  }
  return { width: side, height: side, data: square };
}

/** a × b / 255, rounded, for bytes (Pillow's MULDIV255). */
function multiplyBytes(a: number, b: number): number {
  const product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

/** Colour premultiplied by alpha, and alpha itself as a grey image: the two can be filtered without dark edges. */
function premultiply(image: RgbaImage): { colour: RgbImage; alpha: RgbImage } {
  const pixels = image.width * image.height;
  const colour = new Uint8Array(pixels * 3);
  const alpha = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const a = image.data[i * 4 + 3]!;
    for (let c = 0; c < 3; c++) {
      colour[i * 3 + c] = multiplyBytes(image.data[i * 4 + c]!, a);
      alpha[i * 3 + c] = a;
    }
  }
  return {
    colour: rgbImage(image.width, image.height, colour),
    alpha: rgbImage(image.width, image.height, alpha),
  };
}

function clearHidden(data: Uint8Array): RgbaPixels {
  const result = data.slice();
  for (let i = 0; i < result.length; i += 4) if (result[i + 3] === 0) result.fill(0, i, i + 3);
  return result;
}

/**
 * Resizes an RGBA image to size × size, byte for byte as Pillow's `Image.resize(…, BILINEAR)` does in mode RGBA:
 * premultiplied, filtered, divided by alpha again; an image of that size already keeps its values. Except that
 * colours which nobody can see, at alpha 0, become 0.
 */
export function resizeRgba(image: RgbaImage, size: number): RgbaPixels {
  if (image.width === size && image.height === size) return clearHidden(image.data);
  const { colour, alpha } = premultiply(image);
  const small = resizePillow(colour, size, size, 'bilinear').data;
  const smallAlpha = resizePillow(alpha, size, size, 'bilinear').data;
  const result = new Uint8Array(size * size * 4);
  for (let i = 0; i < size * size; i++) {
    const a = smallAlpha[i * 3]!;
    if (a === 0) continue;
    for (let c = 0; c < 3; c++) result[i * 4 + c] = Math.min(255, Math.trunc((255 * small[i * 3 + c]!) / a));
    result[i * 4 + 3] = a;
  }
  return result;
}

/** Decodes a drawing (SVG, PNG or WebP) and gives it as size × size pixels with straight alpha. */
export async function renderDrawing(drawing: Drawing, size: number): Promise<RgbaPixels> {
  return resizeRgba(padToSquare(await decode(drawing, size)), size);
}
