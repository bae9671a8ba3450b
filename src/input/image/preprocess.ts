import { type NdArray, zeros } from '../../tensor/ndarray.ts';
import { fittedPicture, fixedImage, isFitted, type ModelImage } from './fittedImage.ts';
import { type NaflexPixels, naflexPicture, stackPictures } from './naflex/naflexPicture.ts';
import {
  type NormalisationTables,
  normalisationTables,
  normaliseInterleaved,
  normaliseToPlanes,
} from './normalise.ts';
import type { FixedPreprocessing, NaflexPreprocessing } from './preprocessing.ts';
import { checkImage, type RgbImage } from './rgbImage.ts';

/** What a fixed-resolution vision tower takes. */
export interface FixedPixels {
  /** [batch, 3, height, width] */
  readonly pixel_values: NdArray<'float32'>;
}

/**
 * Images to a fixed-resolution tower's input, as Hugging Face's `SiglipImageProcessor` does: bring to the
 * resolution (squash, unless the configuration says otherwise), rescale, normalise. With the default resampling the values equal those of its Pillow variant bit for
 * bit.
 * @throws RangeError on an empty list, a malformed image or a malformed configuration.
 */
export function preprocessFixed(images: readonly ModelImage[], config: FixedPreprocessing): FixedPixels {
  checkBatch(images);
  const { height, width } = config;
  const tables = normalisationTables(config.rescale, config.mean, config.std);
  const pixels = zeros('float32', [images.length, 3, height, width]);
  images.forEach((image, index) => {
    const offset = index * 3 * height * width;
    const fitted = fixedImage(image, config);
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
export function preprocessNaflex(images: readonly ModelImage[], config: NaflexPreprocessing): NaflexPixels {
  checkBatch(images);
  return stackPictures(
    images.map((image) => (isFitted(image) ? fittedPicture(image, config) : naflexPicture(image, config))),
    config.patchSize,
    config.maxNumPatches,
  );
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

function checkBatch(images: readonly ModelImage[]): void {
  if (images.length === 0) throw new RangeError('Preprocessing needs at least one image, got none.');
  for (const image of images) if (!isFitted(image)) checkImage(image);
}
