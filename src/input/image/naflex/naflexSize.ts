/** Precision of the search for the scale, as in both reference implementations. */
const EPSILON = 1e-5;
const LARGEST_SCALE = 100;

/** Sides in pixels. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

/**
 * The size to which NaFlex resizes an image: the largest one with about the image's aspect ratio whose sides are
 * multiples of `patchSize` and which has at most `maxNumPatches` patches. It scales up as well as down, by at
 * most 100. Exact binary search in double precision; source: big_vision `ops_naflex.py`, Hugging Face
 * `get_image_size_for_max_num_patches` (SigLIP 2, arXiv 2502.14786, section 2.4.2).
 * @throws RangeError when an argument is not a positive integer, or when the image is so long that no scale
 * of at least 1e-6 fits the budget.
 */
export function naflexSize(
  height: number,
  width: number,
  patchSize: number,
  maxNumPatches: number,
): ImageSize {
  for (const [name, value] of Object.entries({ height, width, patchSize, maxNumPatches })) {
    if (!(Number.isInteger(value) && value > 0)) {
      throw new RangeError(`${name} must be a positive integer, got ${value}.`);
    }
  }
  let low = EPSILON / 10;
  let high = LARGEST_SCALE;
  while (high - low >= EPSILON) {
    const middle = (low + high) / 2;
    if (patchesAt(middle, height, width, patchSize) <= maxNumPatches) low = middle;
    else high = middle;
  }
  if (patchesAt(low, height, width, patchSize) > maxNumPatches) {
    throw new RangeError(
      `A ${width}×${height} image does not fit ${maxNumPatches} patches of ${patchSize} pixels: crop it or raise maxNumPatches.`,
    );
  }
  return { height: scaledSide(low, height, patchSize), width: scaledSide(low, width, patchSize) };
}

const patchesAt = (scale: number, height: number, width: number, patchSize: number): number =>
  (scaledSide(scale, height, patchSize) / patchSize) * (scaledSide(scale, width, patchSize) / patchSize);

/** A side scaled and rounded up to a multiple of the patch size, at least one patch. */
const scaledSide = (scale: number, side: number, patchSize: number): number =>
  Math.max(patchSize, Math.ceil((side * scale) / patchSize) * patchSize);
