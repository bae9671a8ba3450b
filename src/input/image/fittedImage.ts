import { fitImage } from './fitImage.ts';
import { type NaflexPicture, naflexPicture } from './naflex/naflexPicture.ts';
import type { FixedPreprocessing, ImagePreprocessing, NaflexPreprocessing } from './preprocessing.ts';
import { checkImage, type RgbImage } from './rgbImage.ts';

/**
 * An image at the size that a model takes: small, whatever it was made of. Made by {@link fitToModel}, with the same
 * preprocessing as the model's.
 */
export type FittedImage =
  | { readonly fitted: 'fixed'; readonly image: RgbImage }
  | { readonly fitted: 'naflex'; readonly picture: NaflexPicture };

/** An image before or after it was brought to the model's size. */
export type ModelImage = RgbImage | FittedImage;

/**
 * Brings an image to the size that a model takes, which is what preprocessing does first, so that the result gives the same
 * values. For those who can't keep the whole image until it is embedded.
 * @throws RangeError on a malformed image or configuration, or an image that fits no size
 * @example
 * const encoder = await load();
 * const small = fitToModel(await decodeImage('photograph.jpg'), encoder.preprocessing);
 * await encoder.embedImages([small]);
 */
export function fitToModel(image: RgbImage, config: ImagePreprocessing): FittedImage {
  checkImage(image);
  return config.kind === 'fixed'
    ? { fitted: 'fixed', image: fitImage(image, config) }
    : { fitted: 'naflex', picture: naflexPicture(image, config) };
}

export const isFitted = (image: ModelImage): image is FittedImage => 'fitted' in image;

const otherModel = (): RangeError =>
  new RangeError("The image was fitted for another model: use this model's preprocessing.");

/** An image at a fixed-resolution model's size. @throws RangeError when it was fitted for another */
export function fixedImage(image: ModelImage, config: FixedPreprocessing): RgbImage {
  if (!isFitted(image)) return fitImage(image, config);
  if (image.fitted !== 'fixed') throw otherModel();
  const { width, height } = image.image;
  const isWhole = width === config.width && height === config.height;
  const isPadded = config.pad === true && width <= config.width && height <= config.height;
  if (!isWhole && !isPadded) throw otherModel();
  return image.image;
}

/** The patches of a fitted image. @throws RangeError when it was fitted for another model, or for more patches */
export function fittedPicture(image: FittedImage, config: NaflexPreprocessing): NaflexPicture {
  if (image.fitted !== 'naflex') throw otherModel();
  const { rows, columns, patches } = image.picture;
  const count = rows * columns;
  if (count > config.maxNumPatches || patches.length !== count * config.patchSize ** 2 * 3)
    throw otherModel();
  return image.picture;
}
