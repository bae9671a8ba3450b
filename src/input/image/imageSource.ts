import type { Arrays } from '../../tensor/index.ts';
import { type DecodeOptions, decodeImage } from './decode/decodeImage.ts';
import type { FittedImage, ModelImage } from './fittedImage.ts';
import { preprocessFixed, preprocessNaflex } from './preprocess.ts';
import type { ImagePreprocessing } from './preprocessing.ts';
import type { RgbImage } from './rgbImage.ts';

/** An image file's path, its bytes, or decoded pixels. */
export type ImageSource = string | Uint8Array | RgbImage;

/** An image, or one that `fitToModel` has brought to the model's size already. */
export type EncoderImage = ImageSource | FittedImage;

/** Decodes what is not decoded yet. */
export const toImage = (source: ImageSource, options?: DecodeOptions): Promise<RgbImage> | RgbImage =>
  typeof source === 'string' || source instanceof Uint8Array ? decodeImage(source, options) : source;

/** Decodes what is neither decoded nor fitted yet. */
export const toModelImage = (
  source: EncoderImage,
  options?: DecodeOptions,
): Promise<ModelImage> | ModelImage =>
  typeof source === 'object' && 'fitted' in source ? source : toImage(source, options);

/**
 * Model inputs of a batch of images.
 * @example
 * const { pixel_values } = imageFeeds([await decodeImage('cat.jpg')], fixedPreprocessing(224));
 */
export function imageFeeds(images: readonly ModelImage[], config: ImagePreprocessing): Arrays {
  return config.kind === 'fixed'
    ? { ...preprocessFixed(images, config) }
    : { ...preprocessNaflex(images, config) };
}
