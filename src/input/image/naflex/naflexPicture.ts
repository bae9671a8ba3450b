import { int32, type NdArray, zeros } from '../../../tensor/ndarray.ts';
import { type NormalisationTables, normalisationTables, normaliseInterleaved } from '../normalise.ts';
import type { NaflexPreprocessing } from '../preprocessing.ts';
import { resizeBigVisionFloat } from '../resize/resizeBigVision.ts';
import { resizeNearest } from '../resize/resizeNearest.ts';
import { resizePillow } from '../resize/resizePillow.ts';
import { checkImage, type FloatImage, type RgbImage } from '../rgbImage.ts';
import { type ImageSize, naflexSize } from './naflexSize.ts';
import { patchify } from './patchify.ts';

/** What a NaFlex vision tower takes; rows beyond an image's own patches are zero. */
export interface NaflexPixels {
  /** [batch, length, patchSize² × 3] */
  readonly pixel_values: NdArray<'float32'>;
  /** `[batch, length]`: 1 for a patch, 0 for padding. */
  readonly pixel_attention_mask: NdArray<'int32'>;
  /** `[batch, 2]`: rows and columns of the patch grid. */
  readonly spatial_shapes: NdArray<'int32'>;
}

/** One image as a NaFlex tower takes it, without padding. */
export interface NaflexPicture {
  /** The grid of patches. */
  readonly rows: number;
  readonly columns: number;
  /** [rows · columns, patchSize² × 3], row by row. */
  readonly patches: Float32Array;
}

/** @throws RangeError when an image that must not be resized is not whole patches, or more than the budget. */
function unresizedSize(image: ImageSize, { patchSize, maxNumPatches }: NaflexPreprocessing): ImageSize {
  const { height, width } = image;
  const patches = (height / patchSize) * (width / patchSize);
  if (height % patchSize === 0 && width % patchSize === 0 && patches <= maxNumPatches) return image;
  throw new RangeError(
    `A ${width}×${height} image is not whole patches of ${patchSize} pixels, at most ${maxNumPatches}, and the preprocessor does not resize: bring it to such a size first.`,
  );
}

/** The size that an image is brought to. @throws RangeError when it can't be. */
const sizeFor = (image: ImageSize, config: NaflexPreprocessing): ImageSize =>
  config.resize === 'none'
    ? unresizedSize(image, config)
    : naflexSize(image.height, image.width, config.patchSize, config.maxNumPatches);

/** How many patches an image becomes, known before any work is done. @throws RangeError when it can't be brought to any. */
export function patchCount(image: ImageSize, config: NaflexPreprocessing): number {
  const { height, width } = sizeFor(image, config);
  return (height / config.patchSize) * (width / config.patchSize);
}

function resized(image: RgbImage, config: NaflexPreprocessing, tables: NormalisationTables): FloatImage {
  const { resample } = config;
  const { height, width } = sizeFor(image, config);
  if (resample === 'big_vision') {
    const { width: w, height: h } = image;
    return resizeBigVisionFloat(
      { width: w, height: h, data: normaliseInterleaved(image.data, tables) },
      height,
      width,
    );
  }
  const result =
    resample === 'nearest'
      ? resizeNearest(image, width, height)
      : resizePillow(image, width, height, resample);
  return { width, height, data: normaliseInterleaved(result.data, tables) };
}

/**
 * Resizes an image to the largest size that fits the patch budget, rescales, normalises and cuts it into patches.
 * @throws RangeError on a malformed image or configuration, or an image that fits no size
 */
export function naflexPicture(image: RgbImage, config: NaflexPreprocessing): NaflexPicture {
  checkImage(image);
  const { patchSize, rescale, mean, std } = config;
  const whole = resized(image, config, normalisationTables(rescale, mean, std));
  const { data } = patchify(whole, patchSize);
  return { rows: whole.height / patchSize, columns: whole.width / patchSize, patches: data };
}

/**
 * Pictures as one batch, each padded with zeros to `length` patches.
 * @param patchSize in pixels
 * @param length at least as many as the longest has
 */
export function stackPictures(
  pictures: readonly NaflexPicture[],
  patchSize: number,
  length: number,
): NaflexPixels {
  const size = patchSize * patchSize * 3;
  const pixels = zeros('float32', [pictures.length, length, size]);
  const mask = zeros('int32', [pictures.length, length]);
  pictures.forEach(({ patches, rows, columns }, index) => {
    pixels.data.set(patches, index * length * size);
    mask.data.fill(1, index * length, index * length + rows * columns);
  });
  return {
    pixel_values: pixels,
    pixel_attention_mask: mask,
    spatial_shapes: int32(
      [pictures.length, 2],
      pictures.flatMap(({ rows, columns }) => [rows, columns]),
    ),
  };
}
