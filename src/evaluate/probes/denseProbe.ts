import type { ImageFeatures } from '../../encoder/towers/features.ts';
import { atLeastZero, callback, check, optional, settings } from '../../tensor/settings.ts';
import { applyLinearProbe, fitLinearProbe, type LinearProbe } from './linearProbe.ts';
import { type Matrix, matrix, zeroMatrix } from './matrix.ts';

/** An image's frozen features, and true values for each of its pixels. */
export interface DenseExample {
  readonly features: ImageFeatures;
  readonly height: number;
  readonly width: number;
}

/**
 * What a dense probe sees of a patch: its feature and, beside it, the pooled output of the image, where others put the
 * class token (Table 2). [patches, 2d]
 */
export function patchInputs({ tokens, pooled }: ImageFeatures): Matrix {
  const [patches, width] = tokens.shape as [number, number];
  const result = zeroMatrix(patches, 2 * width);
  for (let i = 0; i < patches; i++) {
    result.data.set(tokens.data.subarray(i * width, (i + 1) * width), 2 * i * width);
    result.data.set(pooled.data, (2 * i + 1) * width);
  }
  return result;
}

function stack(all: readonly Matrix[]): Matrix {
  const result = zeroMatrix(
    all.reduce((sum, { rows }) => sum + rows, 0),
    all[0]!.columns,
  );
  let at = 0;
  for (const { data } of all) {
    result.data.set(data, at);
    at += data.length;
  }
  return result;
}

/**
 * Checks that an example has a value for each pixel.
 * @throws RangeError naming the field and both counts
 */
export function assertPixels({ height, width }: DenseExample, name: string, values: ArrayLike<number>): void {
  if (values.length !== height * width) {
    throw new RangeError(
      `${name} has ${values.length} values for ${height} × ${width} = ${height * width} pixels; one each is needed`,
    );
  }
}

/**
 * The mean of each patch's pixels.
 * @param valueAt the value of channel k at pixel i
 * @param counts whether a pixel counts. Default: all do.
 * @returns [patches, channels]; 0 for a patch of which no pixel counts
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) console.log(patchMeans({ features, height: 4, width: 4 }, 1, (pixel) => pixel).data);
 */
export function patchMeans(
  { features, height, width }: DenseExample,
  channels: number,
  valueAt: (pixel: number, channel: number) => number,
  counts: (pixel: number) => boolean = () => true,
): Matrix {
  const { rows, columns, patchHeight, patchWidth } = features;
  const result = zeroMatrix(rows * columns, channels);
  const pixels = new Float64Array(rows * columns);
  for (let y = 0; y < height; y++) {
    const row = Math.floor((y + 0.5) / (patchHeight * height));
    for (let x = 0; x < width; x++) {
      const column = Math.floor((x + 0.5) / (patchWidth * width));
      // Pixels past the last whole patch are seen by none.
      if (row >= rows || column >= columns) continue;
      const [patch, pixel] = [row * columns + column, y * width + x];
      if (!counts(pixel)) continue;
      pixels[patch]!++;
      for (let k = 0; k < channels; k++) result.data[patch * channels + k]! += valueAt(pixel, k);
    }
  }
  for (let i = 0; i < result.data.length; i++) {
    result.data[i]! /= Math.max(1, pixels[Math.floor(i / channels)]!);
  }
  return result;
}

/**
 * A patch's feature alone, [patches, d].
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) console.log(tokenInputs(features).rows);
 */
export const tokenInputs = ({ tokens }: ImageFeatures): Matrix =>
  matrix(tokens.shape[0]!, tokens.shape[1]!, tokens.data);

export interface DenseProbeOptions<Example extends DenseExample = DenseExample> {
  /** l2 regularisation. */
  readonly regularisation: number;
  /** Whether an example's patch has a target. Default: all have. */
  readonly hasTarget?: (example: Example, patch: number) => boolean;
  /** What the map sees of each patch. Default `patchInputs`. */
  readonly inputsOf?: (features: ImageFeatures) => Matrix;
  /** Fits a map from inputs [n, d] to targets [n, k]. Default: least squares. */
  readonly fitProbe?: (inputs: Matrix, targets: Matrix, regularisation: number) => LinearProbe;
}

const probeSchema = settings<DenseProbeOptions>({
  regularisation: atLeastZero,
  hasTarget: optional(callback()),
  inputsOf: optional(callback()),
  fitProbe: optional(callback()),
});

/** The rows that have a target. */
function knownRows({ rows, columns, data }: Matrix, isKnown: (row: number) => boolean): Matrix {
  const known = Array.from({ length: rows }, (_, row) => row).filter(isKnown);
  if (known.length === rows) return { rows, columns, data };
  const result = zeroMatrix(known.length, columns);
  known.forEach((row, i) => {
    result.data.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return result;
}

/**
 * Fits a linear map from patches to targets over all examples.
 * @throws RangeError when there are no examples, none has a target, or naming the option that is none
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 4, width: 4 };
 *   const rows = (one: typeof example) => patchMeans(one, 1, (pixel) => Math.floor(pixel / one.width));
 *   const probe = fitDenseProbe([example], rows, { regularisation: 1, inputsOf: tokenInputs });
 *   console.log(applyLinearProbe(probe, tokenInputs(features)).data);
 * }
 */
export function fitDenseProbe<Example extends DenseExample>(
  examples: readonly Example[],
  targets: (example: Example) => Matrix,
  options: DenseProbeOptions<Example>,
): LinearProbe {
  check('denseProbe', probeSchema, options);
  const {
    regularisation,
    inputsOf = patchInputs,
    fitProbe = fitLinearProbe,
    hasTarget = () => true,
  } = options;
  if (examples.length === 0) throw new RangeError('a dense probe needs at least one training image');
  const known = (example: Example, all: Matrix) => knownRows(all, (patch) => hasTarget(example, patch));
  const inputs = stack(examples.map((example) => known(example, inputsOf(example.features))));
  if (inputs.rows === 0) throw new RangeError('no patch of the training images has a target');
  return fitProbe(inputs, stack(examples.map((example) => known(example, targets(example)))), regularisation);
}

/** For each pixel of a side: the two patches it lies between, and the weight of the second. */
function neighbours(pixels: number, patches: number, patchSide: number) {
  return Array.from({ length: pixels }, (_, i) => {
    const at = Math.min(patches - 1, Math.max(0, (i + 0.5) / (patchSide * pixels) - 0.5));
    const first = Math.floor(at);
    return { first, second: Math.min(patches - 1, first + 1), weight: at - first };
  });
}

/**
 * Values of patches for every pixel, blended linearly between patch centres (PyTorch's `interpolate`, bilinear,
 * `align_corners=False`).
 * @param values [patches, channels]
 * @returns [height·width, channels]
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) console.log(upsample({ features, height: 64, width: 64 }, tokenInputs(features)).rows);
 */
export function upsample({ features, height, width }: DenseExample, values: Matrix): Matrix {
  const { columns: k, data } = values;
  const down = neighbours(height, features.rows, features.patchHeight);
  const across = neighbours(width, features.columns, features.patchWidth);
  const result = zeroMatrix(height * width, k);
  let to = 0;
  for (const y of down) {
    for (const x of across) {
      const corner = (row: number, column: number) => (row * features.columns + column) * k;
      const [a, b] = [corner(y.first, x.first), corner(y.first, x.second)];
      const [c, d] = [corner(y.second, x.first), corner(y.second, x.second)];
      for (let j = 0; j < k; j++, to++) {
        const top = data[a + j]! * (1 - x.weight) + data[b + j]! * x.weight;
        const bottom = data[c + j]! * (1 - x.weight) + data[d + j]! * x.weight;
        result.data[to] = top * (1 - y.weight) + bottom * y.weight;
      }
    }
  }
  return result;
}

/** What the probe says of every pixel, [height·width, k]. */
export const probePixels = (probe: LinearProbe, example: DenseExample): Matrix =>
  upsample(example, applyLinearProbe(probe, patchInputs(example.features)));
