import type { PreprocessorConfig } from '../checkpoint/preprocessor.ts';
import type { Channels, ImagePreprocessing, Resample } from '../input/image/config.ts';
import { type DecodeOptions, decodeImage } from '../input/image/decode.ts';
import { preprocessFixed, preprocessNaflex } from '../input/image/preprocess.ts';
import type { RgbImage } from '../input/image/rgbImage.ts';
import type { Arrays } from '../tensor/index.ts';

/** An image file's path, its bytes, or decoded pixels. */
export type ImageSource = string | Uint8Array | RgbImage;

function supportedFilter(resample: PreprocessorConfig['resample']): Resample {
  if (resample === 'bilinear' || resample === 'bicubic') return resample;
  throw new Error(
    `preprocessor_config.json asks for the ${resample} filter; supported are bilinear (2) and bicubic (3)`,
  );
}

/** A checkpoint's preprocessor as a preprocessing function's configuration. */
export function imagePreprocessing(config: PreprocessorConfig, maxNumPatches?: number): ImagePreprocessing {
  const { mean, std } = config;
  if (mean.length !== 3 || std.length !== 3) throw new Error('image_mean and image_std must have 3 values');
  const common = {
    ...config,
    resample: supportedFilter(config.resample),
    mean: mean as unknown as Channels,
    std: std as unknown as Channels,
  };
  return common.kind === 'naflex'
    ? { ...common, maxNumPatches: maxNumPatches ?? common.maxNumPatches }
    : common;
}

/** Decodes what is not decoded yet. */
export const toImage = (source: ImageSource, options?: DecodeOptions): Promise<RgbImage> | RgbImage =>
  typeof source === 'string' || source instanceof Uint8Array ? decodeImage(source, options) : source;

/** Model inputs of a batch of images. */
export function imageFeeds(images: readonly RgbImage[], config: ImagePreprocessing): Arrays {
  return config.kind === 'fixed'
    ? { ...preprocessFixed(images, config) }
    : { ...preprocessNaflex(images, config) };
}
