import type { Encoder } from '../../encoder/encoder.ts';
import { badRequest } from './errors.ts';

/**
 * The number of patches that a request asks for.
 * @param field its name in the request
 * @throws HTTPException 400 where the model has one resolution
 */
export function patchesFor(
  { config }: Pick<Encoder, 'config'>,
  maxPatches: number | undefined,
  field = 'maxPatches',
): number | undefined {
  if (maxPatches !== undefined && config.vision.kind === 'fixed') {
    const { imageSize } = config.vision;
    throw badRequest(
      `${field}: this model takes images of ${imageSize} × ${imageSize} pixels only; leave it out, or serve a NaFlex model`,
      field,
    );
  }
  return maxPatches;
}
