import { checkImage, checkSize, type RgbImage } from '../rgbImage.ts';
import { kernelResampler } from './resampleKernel.ts';
import { scalarResampler } from './resampleScalar.ts';
import { type PillowFilter, type Resampler, resamplingTable } from './resamplingTable.ts';

/** Both give the same bytes; the kernel takes images up to a length. */
const resampler = ({ width, height }: RgbImage, side: number): Resampler =>
  kernelResampler(Math.max(width, height, side)) ?? scalarResampler;

/**
 * Resizes to exactly `width` × `height` (aspect ratio not kept), byte for byte as Pillow 13's `Image.resize` does:
 * antialiased, in fixed point, in two passes with an 8-bit image between them.
 * Source: Pillow 13.0 `src/libImaging/Resample.c`.
 * @throws RangeError on a side that is not a positive integer.
 * @example
 * const small = resizePillow(await decodeImage('cat.jpg'), 64, 64, 'bicubic');
 */
export function resizePillow(image: RgbImage, width: number, height: number, filter: PillowFilter): RgbImage {
  checkImage(image);
  checkSize(width, height);
  if (width === image.width && height === image.height) return { width, height, data: image.data.slice() };
  return columnsFirst(image, width, height)
    ? resizeWidth(resizeHeight(image, height, filter), width, filter)
    : resizeHeight(resizeWidth(image, width, filter), height, filter);
}

/**
 * Pillow's order of passes, which shows in the last bit: columns first when the height shrinks by more than twice
 * as many pixels as the width.
 */
const columnsFirst = (image: RgbImage, width: number, height: number): boolean =>
  image.height > height && image.height - height > 2 * (image.width - width);

function resizeWidth(image: RgbImage, width: number, filter: PillowFilter): RgbImage {
  if (width === image.width) return image;
  const table = resamplingTable(image.width, width, filter);
  const { data, height } = image;
  const { resizeRows } = resampler(image, width);
  return { width, height, data: resizeRows(data, image.width, height, width, table) };
}

function resizeHeight(image: RgbImage, height: number, filter: PillowFilter): RgbImage {
  if (height === image.height) return image;
  const table = resamplingTable(image.height, height, filter);
  const { data, width } = image;
  const { resizeColumns } = resampler(image, height);
  return { width, height, data: resizeColumns(data, width * 3, height, table) };
}
