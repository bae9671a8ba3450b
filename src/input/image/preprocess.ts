import { int32, type NdArray, zeros } from '../../tensor/ndarray.ts';
import type { FixedPreprocessing, NaflexPreprocessing } from './config.ts';
import { fitImage } from './fitImage.ts';
import { type ImageSize, naflexSize } from './naflexSize.ts';
import {
  type NormalisationTables,
  normalisationTables,
  normaliseInterleaved,
  normaliseToPlanes,
} from './normalise.ts';
import { patchifyInto } from './patchify.ts';
import { resizeBigVisionFloat } from './resizeBigVision.ts';
import { resizeNearest } from './resizeNearest.ts';
import { resizePillow } from './resizePillow.ts';
import { checkImage, type FloatImage, type RgbImage } from './rgbImage.ts';

/** What a fixed-resolution vision tower takes. */
export interface FixedPixels {
  /** [batch, 3, height, width] */
  readonly pixel_values: NdArray<'float32'>;
}

/** What a NaFlex vision tower takes; rows beyond an image's own patches are zero. */
export interface NaflexPixels {
  /** [batch, maxNumPatches, patchSize² × 3] */
  readonly pixel_values: NdArray<'float32'>;
  /** [batch, maxNumPatches]: 1 for a patch, 0 for padding. */
  readonly pixel_attention_mask: NdArray<'int32'>;
  /** [batch, 2]: rows and columns of the patch grid. */
  readonly spatial_shapes: NdArray<'int32'>;
}

/**
 * Images to a fixed-resolution tower's input, as Hugging Face's `SiglipImageProcessor` does: bring to the
 * resolution (squash, unless the configuration says otherwise), rescale, normalise. With the default resampling the values equal those of its Pillow variant bit for
 * bit.
 * @throws RangeError on an empty list, a malformed image or a malformed configuration.
 */
export function preprocessFixed(images: readonly RgbImage[], config: FixedPreprocessing): FixedPixels {
  checkBatch(images);
  const { height, width } = config;
  const tables = normalisationTables(config.rescale, config.mean, config.std);
  const pixels = zeros('float32', [images.length, 3, height, width]);
  images.forEach((image, index) => {
    const offset = index * 3 * height * width;
    const fitted = fitImage(image, config);
    // What is padded is normalised by itself; the zeros around it stay zeros.
    if (fitted.width === width && fitted.height === height)
      normaliseToPlanes(fitted.data, tables, pixels.data, offset);
    else pasteToPlanes(fitted, tables, pixels, offset);
  });
  return { pixel_values: pixels };
}

/**
 * Images to a NaFlex tower's input, as Hugging Face's `Siglip2ImageProcessor` does: resize to the largest size that
 * fits the patch budget, rescale, normalise, cut into patches, pad with zeros to `maxNumPatches`. With the default
 * resampling the values equal those of its Pillow variant bit for bit.
 * @throws RangeError on an empty list, a malformed image or a malformed configuration.
 */
export function preprocessNaflex(images: readonly RgbImage[], config: NaflexPreprocessing): NaflexPixels {
  checkBatch(images);
  const { patchSize, maxNumPatches } = config;
  const length = patchSize * patchSize * 3;
  const tables = normalisationTables(config.rescale, config.mean, config.std);
  const pixels = zeros('float32', [images.length, maxNumPatches, length]);
  const mask = zeros('int32', [images.length, maxNumPatches]);
  const shapes: number[] = [];
  images.forEach((image, index) => {
    const resized = resizeNaflex(image, config, tables);
    patchifyInto(resized, patchSize, pixels.data, index * maxNumPatches * length);
    const [rows, columns] = [resized.height / patchSize, resized.width / patchSize];
    mask.data.fill(1, index * maxNumPatches, index * maxNumPatches + rows * columns);
    shapes.push(rows, columns);
  });
  return {
    pixel_values: pixels,
    pixel_attention_mask: mask,
    spatial_shapes: int32([images.length, 2], shapes),
  };
}

/** Writes an image into the upper left corner of three planes [.., .., height, width] that begin at `offset`. */
function pasteToPlanes(
  { width, height, data }: RgbImage,
  tables: NormalisationTables,
  { shape, data: target }: NdArray<'float32'>,
  offset: number,
): void {
  const [stride, plane] = [shape[3]!, shape[2]! * shape[3]!];
  const values = normaliseInterleaved(data, tables);
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++, at++) target[offset + c * plane + y * stride + x] = values[at]!;
}

/** @throws RangeError when an image that must not be resized is not whole patches, or more than the budget. */
function unresizedSize(image: RgbImage, { patchSize, maxNumPatches }: NaflexPreprocessing): ImageSize {
  const { height, width } = image;
  const patches = (height / patchSize) * (width / patchSize);
  if (height % patchSize === 0 && width % patchSize === 0 && patches <= maxNumPatches) return image;
  throw new RangeError(
    `A ${width}×${height} image is not whole patches of ${patchSize} pixels, at most ${maxNumPatches}, and the preprocessor does not resize: bring it to such a size first.`,
  );
}

function resizeNaflex(image: RgbImage, config: NaflexPreprocessing, tables: NormalisationTables): FloatImage {
  const { patchSize, maxNumPatches, resample } = config;
  const { height, width } =
    config.resize === 'none'
      ? unresizedSize(image, config)
      : naflexSize(image.height, image.width, patchSize, maxNumPatches);
  if (resample === 'big_vision') {
    const { width: w, height: h } = image;
    return resizeBigVisionFloat(
      { width: w, height: h, data: normaliseInterleaved(image.data, tables) },
      height,
      width,
    );
  }
  const resized =
    resample === 'nearest'
      ? resizeNearest(image, width, height)
      : resizePillow(image, width, height, resample);
  return { width, height, data: normaliseInterleaved(resized.data, tables) };
}

function checkBatch(images: readonly RgbImage[]): void {
  if (images.length === 0) throw new RangeError('Preprocessing needs at least one image, got none.');
  images.forEach(checkImage);
}
