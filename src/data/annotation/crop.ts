import type { Box } from '../../input/image/box.ts';
import { type RgbImage, rgbImage } from '../../input/image/rgbImage.ts';

/**
 * The pixels that a box touches; at least one.
 * @param box in shares of the image's height and width; what lies outside the image is left out
 */
export function cropImage({ width, height, data }: RgbImage, box: Box): RgbImage {
  const bounds = (from: number, to: number, size: number): readonly [number, number] => {
    const start = Math.min(Math.max(Math.floor(from * size + ROUNDING), 0), size - 1);
    return [start, Math.min(Math.max(Math.ceil(to * size - ROUNDING), start + 1), size)];
  };
  const [top, bottom] = bounds(box.y1, box.y2, height);
  const [left, right] = bounds(box.x1, box.x2, width);
  const pixels = new Uint8Array((bottom - top) * (right - left) * 3);
  for (let y = top; y < bottom; y++) {
    const row = data.subarray((y * width + left) * 3, (y * width + right) * 3);
    pixels.set(row, (y - top) * (right - left) * 3);
  }
  return rgbImage(right - left, bottom - top, pixels);
}

/** Shares of a side that stand for whole pixels are not quite whole when multiplied out. */
const ROUNDING = 1e-6;
