import { type FittedImage, fitToModel } from '../../input/image/fittedImage.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import type { PictureModel } from './pictures.ts';

/** An image at the model's size. @throws Error naming the file, when it is too thin to be brought there */
export function fitted(image: RgbImage, path: string, { preprocessing }: PictureModel): FittedImage {
  try {
    return fitToModel(image, preprocessing);
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
