import { finite, optional, positive } from '../../tensor/settings.ts';
import type { Evaluator } from '../evaluator.ts';
import { type MapOptions, type MappedExample, mappedSamples, mapRules } from '../mappedSamples.ts';
import { mean } from '../metrics/mean.ts';
import {
  assertPixels,
  type DenseExample,
  fitDenseProbe,
  patchMeans,
  probePixels,
} from '../probes/denseProbe.ts';
import type { LinearProbe } from '../probes/linearProbe.ts';
import { assertAny } from './checks.ts';

/** An image's features and the depth of each of its pixels. */
export interface DepthExample extends DenseExample {
  /** Height × width finite values, in any unit; or {@link noDepth}. */
  readonly depth: ArrayLike<number>;
  /**
   * The value of a pixel whose depth nobody measured (0 in NYUv2, NaN in other data). Such pixels are neither fitted
   * nor counted. Default: every pixel has a depth.
   */
  readonly noDepth?: number;
  /** Height × width: the same number for the pixels of one object, 0 for the background. For the order of objects. */
  readonly instances?: ArrayLike<number>;
}

export interface DepthResult {
  readonly images: number;
  /** Test pixels that have a depth. */
  readonly pixels: number;
  /** Test pixels that have none, and do not count. */
  readonly withoutDepth: number;
  /** Root of the mean squared error over all test pixels that have a depth. */
  readonly rmse: number;
  /** Share of pairs of objects of different depth that are put in the right order, 0 … 1; 0.5 is chance. */
  readonly order: number | undefined;
  readonly pairs: number;
  readonly chance: { readonly rmse: number; readonly order: 0.5 };
}

/** Default l2 regularisation, as in the few-shot probe: the paper does not say. */
const REGULARISATION = 2 ** 10;

const hasDepth = ({ depth, noDepth }: DepthExample, pixel: number): boolean =>
  !Object.is(depth[pixel], noDepth);

/** @throws RangeError naming the field and the pixel at fault */
function checkExample(example: DepthExample): void {
  const { depth, instances, width } = example;
  assertPixels(example, 'depth', depth);
  if (instances) assertPixels(example, 'instances', instances);
  for (let i = 0; i < depth.length; i++) {
    if (Number.isFinite(depth[i]) || !hasDepth(example, i)) continue;
    throw new RangeError(
      `depth is ${depth[i]} at row ${Math.floor(i / width)}, column ${i % width}; say with noDepth which value means that there is none`,
    );
  }
}

/** Mean of the values over those of each object's pixels that have a depth, by object number. */
function objectMeans(values: ArrayLike<number>, example: DepthExample, instances: ArrayLike<number>) {
  const sums = new Map<number, { sum: number; count: number }>();
  for (let i = 0; i < instances.length; i++) {
    if (instances[i] === 0 || !hasDepth(example, i)) continue;
    const found = sums.get(instances[i]!) ?? { sum: 0, count: 0 };
    sums.set(instances[i]!, { sum: found.sum + values[i]!, count: found.count + 1 });
  }
  return new Map([...sums].map(([object, { sum, count }]) => [object, sum / count]));
}

/** Of all pairs of objects with different depths, how many the prediction orders rightly. */
function countPairs(example: DepthExample, predicted: ArrayLike<number>): { right: number; pairs: number } {
  const { depth, instances } = example;
  if (instances === undefined) return { right: 0, pairs: 0 };
  const truth = objectMeans(depth, example, instances);
  const guess = objectMeans(predicted, example, instances);
  const objects = [...truth.keys()];
  let [right, pairs] = [0, 0];
  for (const [i, a] of objects.entries()) {
    for (const b of objects.slice(i + 1)) {
      const difference = truth.get(a)! - truth.get(b)!;
      if (difference === 0) continue;
      pairs++;
      if (difference * (guess.get(a)! - guess.get(b)!) > 0) right++;
    }
  }
  return { right, pairs };
}

/** The depths that an image has. */
const depths = (example: DepthExample): number[] =>
  Array.from(example.depth).filter((_, pixel) => hasDepth(example, pixel));

/** A fitted probe, and what a guess without it would be. */
export interface DepthProbe {
  readonly probe: LinearProbe;
  /** Mean depth of the training images. */
  readonly constant: number;
}

/**
 * Fits each patch's mean depth.
 * @throws RangeError when an example does not fit its size, a depth is not finite, or no patch has a depth
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 2, width: 2, depth: [1, 1.5, 2, 2.5] };
 *   console.log(scoreDepth(fitDepthProbe([example]), [example]));
 * }
 */
export function fitDepthProbe(
  examples: readonly DepthExample[],
  regularisation = REGULARISATION,
): DepthProbe {
  examples.forEach(checkExample);
  const known = new Map(
    examples.map((example) => [
      example,
      patchMeans(example, 1, (pixel) => Number(hasDepth(example, pixel))).data,
    ]),
  );
  const meanDepths = (example: DepthExample) =>
    patchMeans(
      example,
      1,
      (pixel) => example.depth[pixel]!,
      (pixel) => hasDepth(example, pixel),
    );
  const hasTarget = (example: DepthExample, patch: number) => known.get(example)![patch]! > 0;
  return {
    probe: fitDenseProbe(examples, meanDepths, { regularisation, hasTarget }),
    constant: mean(
      examples
        .map(depths)
        .filter(({ length }) => length > 0)
        .map(mean),
    ),
  };
}

/**
 * Error over all pixels of the examples that have a depth, and order of their objects.
 * @throws RangeError as {@link fitDepthProbe}
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 2, width: 2, depth: [1, 1.5, 2, 2.5] };
 *   console.log(scoreDepth(fitDepthProbe([example]), [example]));
 * }
 */
export function scoreDepth({ probe, constant }: DepthProbe, test: readonly DepthExample[]): DepthResult {
  assertAny('test images', test.length);
  let [squares, chanceSquares, pixels, withoutDepth, right, pairs] = [0, 0, 0, 0, 0, 0];
  for (const example of test) {
    checkExample(example);
    const { data } = probePixels(probe, example);
    for (let i = 0; i < data.length; i++) {
      if (!hasDepth(example, i)) {
        withoutDepth++;
        continue;
      }
      pixels++;
      squares += (data[i]! - example.depth[i]!) ** 2;
      chanceSquares += (constant - example.depth[i]!) ** 2;
    }
    const counted = countPairs(example, data);
    right += counted.right;
    pairs += counted.pairs;
  }
  if (pixels === 0) throw new RangeError('no pixel of the test images has a depth');
  return {
    images: test.length,
    pixels,
    withoutDepth,
    rmse: Math.sqrt(squares / pixels),
    order: pairs === 0 ? undefined : right / pairs,
    pairs,
    chance: { rmse: Math.sqrt(chanceSquares / pixels), order: 0.5 },
  };
}

/**
 * Linear-probe depth: a linear map on frozen patch features with the pooled output beside them (Table 2), fitted in
 * closed form to each patch's mean depth and blended up to pixels. Chance is the training images' mean depth.
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 2, width: 2, depth: [1, 1.5, 2, 2.5] };
 *   console.log(evaluateDepth([example], [example]));
 * }
 */
export const evaluateDepth = (
  train: readonly DepthExample[],
  test: readonly DepthExample[],
  regularisation?: number,
): DepthResult => scoreDepth(fitDepthProbe(train, regularisation), test);

/** Options of {@link depth}. */
export interface DepthTaskOptions extends MapOptions {
  /** The value of a pixel whose depth nobody measured. Default 0. */
  readonly noDepth?: number;
  /** l2 regularisation of the probe, above 0. Default 2^10. */
  readonly regularisation?: number;
}

/** {@link evaluateDepth} of a set with maps of depths, in the unit of the maps. */
export const depth: Evaluator<DepthTaskOptions> = {
  name: 'depth',
  description: 'Root mean square error of a linear probe of patches, on images with maps of depths.',
  keepUncaptioned: true,
  options: {
    ...mapRules,
    noDepth: optional(finite).describe('value of pixels that have no depth; default 0'),
    regularisation: optional(positive).describe('l2 regularisation; default 1024'),
  },
  async *run(encoder, { noDepth = 0, regularisation, ...options }) {
    const { train, test } = await mappedSamples(encoder, options);
    const measured = ({ values, ...example }: MappedExample): DepthExample => ({
      ...example,
      depth: values,
      noDepth,
    });
    const { rmse, chance, images } = evaluateDepth(train.map(measured), test.map(measured), regularisation);
    yield { metric: 'rmse', value: rmse, chance: chance.rmse, count: images, lowerIsBetter: true };
  },
};
