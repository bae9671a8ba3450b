import type { Encoder } from '../../encoder/encoder.ts';
import { badRequest } from './errors.ts';

/**
 * The number of patches that a request asks for.
 * @throws HTTPException 400 where the model has one resolution
 */
export function patchesFor({ config }: Encoder, maxPatches: number | undefined): number | undefined {
  if (maxPatches !== undefined && config.vision.kind === 'fixed') {
    const { imageSize } = config.vision;
    throw badRequest(
      `maxPatches: this model takes images of ${imageSize} × ${imageSize} pixels only; leave it out, or serve a NaFlex model`,
    );
  }
  return maxPatches;
}
