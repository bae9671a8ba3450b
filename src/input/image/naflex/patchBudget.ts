import { check, rule } from '../../../tensor/settings.ts';
import type { ImagePreprocessing } from '../preprocessing.ts';
import { LONGEST_TRAINED } from './longestTrained.ts';

/**
 * Most patches of an image. The scores of one attention grow with the square: at 4,096 patches those of B/16 take 0.8 GB
 * for one image, and a model gains nothing so far beyond what it was trained on.
 */
export const MOST_PATCHES = 4096;

/** What a number of patches must be. */
export const patchesRule = rule<number>(
  `a whole number from 1 to ${MOST_PATCHES}`,
  (value) => typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MOST_PATCHES,
);

/**
 * How images are prepared when they may have so many patches.
 * @param maxNumPatches 1 … 4,096; undefined leaves what the checkpoint says
 * @throws RangeError when there can't be so many, or when the model has one resolution and takes no number of patches
 */
export function withMaxPatches(
  preprocessing: ImagePreprocessing,
  maxNumPatches: number | undefined,
): ImagePreprocessing {
  if (maxNumPatches === undefined) return preprocessing;
  check('maxNumPatches', patchesRule, maxNumPatches);
  if (preprocessing.kind === 'fixed') {
    const { width, height } = preprocessing;
    throw new RangeError(
      `this model takes images of ${width} × ${height} pixels only, so it can't be given a number of patches (${maxNumPatches}): use a NaFlex model, such as google/siglip2-base-patch16-naflex`,
    );
  }
  return { ...preprocessing, maxNumPatches };
}

/** What a user should know about so many patches; undefined when there is nothing. */
export const patchNotice = (maxNumPatches: number | undefined): string | undefined =>
  maxNumPatches !== undefined && maxNumPatches > LONGEST_TRAINED
    ? `${maxNumPatches} patches: the released NaFlex models were trained on up to ${LONGEST_TRAINED} and are worse beyond`
    : undefined;
