/**
 * How an image becomes the size that the model takes.
 * - `bilinear`, `bicubic`: Pillow's antialiased filters on 8-bit values, as in the Hugging Face processors
 *   (SigLIP 2 checkpoints use `bilinear`, SigLIP 1 `bicubic`).
 * - `big_vision`: what the training code does. Fixed resolution: bilinear without antialiasing, truncated to
 *   8 bits. NaFlex: antialiased bilinear on the normalised float values.
 */
export type Resample = 'bilinear' | 'bicubic' | 'big_vision';

/** One value per channel: red, green, blue. */
export type Channels = readonly [number, number, number];

interface Normalisation {
  readonly resample: Resample;
  /** Factor for 8-bit values, applied before mean and deviation (1/255). */
  readonly rescale: number;
  readonly mean: Channels;
  readonly std: Channels;
  /**
   * Colour (0 … 255) behind transparent pixels of a file. Absent: alpha is dropped, as the reference processors do. A
   * field of ours in preprocessor_config.json, `background_color`, for models that learnt drawings on one colour.
   */
  readonly background?: Channels;
}

/** Every image is squashed to one size. */
export interface FixedPreprocessing extends Normalisation {
  readonly kind: 'fixed';
  readonly height: number;
  readonly width: number;
}

/** Every image keeps its aspect ratio and becomes at most `maxNumPatches` patches. */
export interface NaflexPreprocessing extends Normalisation {
  readonly kind: 'naflex';
  readonly patchSize: number;
  readonly maxNumPatches: number;
}

/** What a checkpoint's `preprocessor_config.json` says, in our terms. */
export type ImagePreprocessing = FixedPreprocessing | NaflexPreprocessing;

const RELEASED: Normalisation = {
  resample: 'bilinear',
  rescale: 1 / 255,
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
};

/** The released fixed-resolution checkpoints' preprocessing: Pillow bilinear, values in [−1, 1]. */
export const fixedPreprocessing = (resolution: number): FixedPreprocessing => ({
  kind: 'fixed',
  height: resolution,
  width: resolution,
  ...RELEASED,
});

/** The released NaFlex checkpoints' preprocessing: Pillow bilinear, values in [−1, 1]. */
export const naflexPreprocessing = (patchSize = 16, maxNumPatches = 256): NaflexPreprocessing => ({
  kind: 'naflex',
  patchSize,
  maxNumPatches,
  ...RELEASED,
});
