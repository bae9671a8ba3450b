import type { Encoder } from '../../encoder/encoder.ts';
import type { EncoderImage } from '../../input/image/imageSource.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';

/** Patches that an image has at most. */
export function mostPatches({ config: model, preprocessing }: Encoder, maxNumPatches?: number): number {
  const config = withMaxPatches(preprocessing, maxNumPatches);
  return config.kind === 'fixed' ? model.vision.numPatches : config.maxNumPatches;
}

/** Patches that the engine computes for an image. */
export const patchesOf = (encoder: Encoder, image: EncoderImage, maxNumPatches?: number): number =>
  typeof image === 'object' && 'fitted' in image && image.fitted === 'naflex'
    ? image.picture.rows * image.picture.columns
    : mostPatches(encoder, maxNumPatches);
