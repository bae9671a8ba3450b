import { piResizeMatrix } from '../../../input/image/resize/piResizeMatrix.ts';
import { alignCornersMatrix, bilinearResizeMatrix } from '../../../input/image/resize/resizeMatrix.ts';
import { type VisionConfig, visionSchema } from '../../../model/config.ts';
import { type NdArray, ndarray } from '../../../tensor/index.ts';
import { check, oneOf, optional, settings } from '../../../tensor/settings.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import type { TrainState } from './state.ts';

export interface AdaptOptions {
  /**
   * What Adam's moments of a parameter that changes its shape do: `resize` keeps them, resized (the paper resumes;
   * docs/paper.md), `reset` leaves them out, so that they start at zero. A mere change of layout always keeps them.
   * Default `resize`.
   */
  readonly moments?: 'resize' | 'reset';
}

const adaptSchema = settings<AdaptOptions>({ moments: optional(oneOf(['resize', 'reset'])) });

const POSITIONS = /(?:^|\.)vision_model\.embeddings\.position_embedding\.weight$/;
const PATCHES = /(?:^|\.)vision_model\.embeddings\.patch_embedding\.weight$/;

type Role = 'value' | 'firstMoment' | 'secondMoment';

/** A carried value of another prefix, such as a teacher's parameter, is a value. */
function roleOf(name: string): Role {
  if (name.startsWith(firstMoment(''))) return 'firstMoment';
  return name.startsWith(secondMoment('')) ? 'secondMoment' : 'value';
}

/** rows × columns of `matrix` applied along one axis of [outer, n, inner]. */
function alongAxis(
  matrix: Float64Array,
  [nOut, nIn]: readonly [number, number],
  data: Float32Array,
  inner: number,
): Float32Array {
  const outer = data.length / (nIn * inner);
  const result = new Float32Array(outer * nOut * inner);
  for (let a = 0; a < outer; a++) {
    for (let o = 0; o < nOut; o++) {
      for (let k = 0; k < inner; k++) {
        let sum = 0;
        for (let i = 0; i < nIn; i++) sum += matrix[o * nIn + i]! * data[(a * nIn + i) * inner + k]!;
        result[(a * nOut + o) * inner + k] = sum;
      }
    }
  }
  return result;
}

const sideOf = ({ numPatches }: VisionConfig): number => {
  const side = Math.sqrt(numPatches);
  if (!Number.isInteger(side)) throw new RangeError(`${numPatches} positions are no square grid`);
  return side;
};

/** [n², d] → [m², d], bilinear with coinciding corners (big_vision `resample_posemb`; §2.4.1). */
function resizePositions(array: NdArray<'float32'>, from: number, to: number): NdArray<'float32'> {
  const d = array.shape[1]!;
  const matrix = alignCornersMatrix(from, to);
  const rows = alongAxis(matrix, [to, from], array.data, from * d);
  return ndarray('float32', [to * to, d], alongAxis(matrix, [to, from], rows, d));
}

/**
 * Kernels [·, p²] for other patches. Values by the pseudo-inverse, so that resized patches keep their embeddings. What
 * gradients are made of transforms the other way: resizing patches by M maps a kernel k′ to Mᵀk′, so its gradient is
 * M times that of k, a bilinear resize. It has no negative weights, so second moments stay above zero.
 */
function resizeKernels(data: Float32Array, role: Role, from: number, to: number): Float32Array {
  if (role === 'value') return alongAxis(piResizeMatrix(from, to), [to * to, from * from], data, 1);
  const matrix = bilinearResizeMatrix(from, to);
  return alongAxis(matrix, [to, from], alongAxis(matrix, [to, from], data, from), 1);
}

/** Reorders [d, a, b] to [d, b, a]. */
function swapAxes(data: Float32Array, a: number, b: number): Float32Array {
  const result = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += a * b) {
    for (let i = 0; i < a; i++)
      for (let j = 0; j < b; j++) result[start + j * a + i] = data[start + i * b + j]!;
  }
  return result;
}

/** The kernel's layout: [d, channels, p, p] for fixed models, [d, p·p·channels] for NaFlex. */
function adaptPatches(
  array: NdArray<'float32'>,
  role: Role,
  from: VisionConfig,
  to: VisionConfig,
): NdArray<'float32'> {
  const { channels, hiddenSize: d } = from;
  const [pOld, pNew] = [from.patchSize, to.patchSize];
  if (from.kind === to.kind && pOld === pNew) return array;
  const planes = from.kind === 'fixed' ? array.data : swapAxes(array.data, pOld * pOld, channels);
  const resized = pOld === pNew ? planes : resizeKernels(planes, role, pOld, pNew);
  return to.kind === 'fixed'
    ? ndarray('float32', [d, channels, pNew, pNew], resized)
    : ndarray('float32', [d, pNew * pNew * channels], swapAxes(resized, channels, pNew * pNew));
}

/**
 * The training state of a vision tower for another resolution, patch size or kind (fixed → NaFlex): position embeddings
 * and patch kernels change, with their moments and a teacher's copies, and everything else is shared with `state`
 * (§2.4).
 * @throws RangeError when the towers differ in more than that
 * @example
 * const [from, to] = [variantConfig('B/16').vision, variantConfig('B/16').vision];
 * const saved = await latestState('out/run', ({ path }) => console.warn(path));
 * if (saved) adaptVision(saved.state, from, to);
 */
export function adaptVision(
  state: TrainState,
  from: VisionConfig,
  to: VisionConfig,
  options: AdaptOptions = {},
): TrainState {
  check('adaptVision', adaptSchema, options);
  check('from', visionSchema, from);
  check('to', visionSchema, to);
  const { moments = 'resize' } = options;
  for (const name of ['hiddenSize', 'channels', 'layers', 'heads', 'intermediateSize'] as const) {
    if (from[name] !== to[name])
      throw new RangeError(`the vision towers differ in ${name}: ${from[name]} and ${to[name]}`);
  }
  const [gridOld, gridNew] = [sideOf(from), sideOf(to)];
  const adapted: TrainState = new Map();
  for (const [name, array] of state) {
    const role = roleOf(name);
    const dropped = (resized: boolean) => resized && role !== 'value' && moments === 'reset';
    if (POSITIONS.test(name)) {
      if (dropped(gridOld !== gridNew)) continue;
      adapted.set(name, gridOld === gridNew ? array : resizePositions(array, gridOld, gridNew));
    } else if (PATCHES.test(name)) {
      if (dropped(from.patchSize !== to.patchSize)) continue;
      adapted.set(name, adaptPatches(array, role, from, to));
    } else adapted.set(name, array);
  }
  return adapted;
}

/**
 * A state without moments: the optimizer starts anew.
 * @example
 * const objective = contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 });
 * const fresh = withoutMoments(initialState(objective, 0));
 */
export const withoutMoments = (state: TrainState): TrainState =>
  new Map([...state].filter(([name]) => roleOf(name) === 'value'));
