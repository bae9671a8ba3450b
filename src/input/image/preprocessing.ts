import { oneOf } from '../../tensor/settings.ts';
import { PILLOW_FILTERS, type PillowFilter } from './resize/resamplingTable.ts';

/**
 * How an image becomes the size that the model takes.
 * - `bilinear`, `bicubic`, `box`, `hamming`, `lanczos`: Pillow's antialiased filters on 8-bit values, as in the Hugging
 *   Face processors (SigLIP 2 checkpoints use `bilinear`, SigLIP 1 `bicubic`); `nearest`: Pillow's, without antialiasing.
 * - `big_vision`: what the training code does. Fixed resolution: bilinear without antialiasing, truncated to
 *   8 bits. NaFlex: antialiased bilinear on the normalised float values.
 */
export type Resample = PillowFilter | 'nearest' | 'big_vision';

/** What a way to resize must be. */
export const resampleRule = oneOf<Resample>([...PILLOW_FILTERS, 'nearest', 'big_vision']);

/** One value per channel: red, green, blue. */
export type Channels = readonly [number, number, number];

/** How 8-bit values become what a model takes. */
export interface Normalisation {
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

/** Every image comes to one size, that of the model. */
export interface FixedPreprocessing extends Normalisation {
  readonly kind: 'fixed';
  readonly height: number;
  readonly width: number;
  /**
   * What images are resized to. Absent: squashed to `height` × `width`, as in every released checkpoint. `'none'`: not at
   * all. With another size, a crop or padding has to bring images to the model's.
   */
  readonly resize?:
    | 'none'
    /** The shorter side becomes this, unless the longer one would pass `longestEdge`. */
    | { readonly shortestEdge: number; readonly longestEdge?: number }
    /** As large as fits into this. */
    | { readonly maxHeight: number; readonly maxWidth: number }
    | { readonly height: number; readonly width: number };
  /** Whether the middle is cut out after resizing. Default: no. */
  readonly crop?: boolean;
  /** Whether zeros follow below and to the right, after normalisation, where images are smaller than the model's. Default: no. */
  readonly pad?: boolean;
}

/** Every image keeps its aspect ratio and becomes at most `maxNumPatches` patches. */
export interface NaflexPreprocessing extends Normalisation {
  readonly kind: 'naflex';
  /** `'none'`: images have to come in a size that is whole patches. Absent: resized to fill the budget. */
  readonly resize?: 'none';
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

/**
 * The released fixed-resolution checkpoints' preprocessing: Pillow bilinear, values in [−1, 1].
 * @example
 * const encoderInput = imageFeeds([await decodeImage('cat.jpg')], fixedPreprocessing(384));
 */
export const fixedPreprocessing = (resolution: number): FixedPreprocessing => ({
  kind: 'fixed',
  height: resolution,
  width: resolution,
  ...RELEASED,
});

/**
 * The released NaFlex checkpoints' preprocessing: Pillow bilinear, values in [−1, 1].
 * @example
 * const patches = imageFeeds([await decodeImage('cat.jpg')], naflexPreprocessing(16, 512));
 */
export const naflexPreprocessing = (patchSize = 16, maxNumPatches = 256): NaflexPreprocessing => ({
  kind: 'naflex',
  patchSize,
  maxNumPatches,
  ...RELEASED,
});
