import { type DenseExample, fitDenseProbe, patchMeans, probePixels } from './denseProbe.ts';
import type { LinearProbe } from './linear/linearProbe.ts';

/** An image's features and the depth of each of its pixels. */
export interface DepthExample extends DenseExample {
  /** Height × width values. */
  readonly depth: ArrayLike<number>;
  /** Height × width: the same number for the pixels of one object, 0 for the background. For the order of objects. */
  readonly instances?: ArrayLike<number>;
}

export interface DepthResult {
  readonly images: number;
  /** Root of the mean squared error over all test pixels. */
  readonly rmse: number;
  /** Share of pairs of objects of different depth that are put in the right order, 0 … 1; 0.5 is chance. */
  readonly order: number | undefined;
  readonly pairs: number;
  readonly chance: { readonly rmse: number; readonly order: 0.5 };
}

/** Default l2 regularisation, as in the few-shot probe: the paper does not say. */
const REGULARISATION = 2 ** 10;

/** Mean of the values over each object's pixels, by object number. */
function objectMeans(values: ArrayLike<number>, instances: ArrayLike<number>): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>();
  for (let i = 0; i < instances.length; i++) {
    if (instances[i] === 0) continue;
    const found = sums.get(instances[i]!) ?? { sum: 0, count: 0 };
    sums.set(instances[i]!, { sum: found.sum + values[i]!, count: found.count + 1 });
  }
  return new Map([...sums].map(([object, { sum, count }]) => [object, sum / count]));
}

/** Of all pairs of objects with different depths, how many the prediction orders rightly. */
function countPairs(example: DepthExample, predicted: ArrayLike<number>): { right: number; pairs: number } {
  const { depth, instances } = example;
  if (instances === undefined) return { right: 0, pairs: 0 };
  const [truth, guess] = [objectMeans(depth, instances), objectMeans(predicted, instances)];
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

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A fitted probe, and what a guess without it would be. */
export interface DepthProbe {
  readonly probe: LinearProbe;
  /** Mean depth of the training images. */
  readonly constant: number;
}

/** Fits each patch's mean depth. */
export const fitDepthProbe = (
  examples: readonly DepthExample[],
  regularisation = REGULARISATION,
): DepthProbe => ({
  probe: fitDenseProbe(examples, (example) => patchMeans(example, 1, (pixel) => example.depth[pixel]!), {
    regularisation,
  }),
  constant: mean(examples.map(({ depth }) => mean(depth))),
});

/** Error over all pixels of the examples, and order of their objects. */
export function scoreDepth({ probe, constant }: DepthProbe, test: readonly DepthExample[]): DepthResult {
  let [squares, chanceSquares, pixels, right, pairs] = [0, 0, 0, 0, 0];
  for (const example of test) {
    const { data } = probePixels(probe, example);
    for (let i = 0; i < data.length; i++) {
      squares += (data[i]! - example.depth[i]!) ** 2;
      chanceSquares += (constant - example.depth[i]!) ** 2;
    }
    pixels += data.length;
    const counted = countPairs(example, data);
    right += counted.right;
    pairs += counted.pairs;
  }
  return {
    images: test.length,
    rmse: Math.sqrt(squares / pixels),
    order: pairs === 0 ? undefined : right / pairs,
    pairs,
    chance: { rmse: Math.sqrt(chanceSquares / pixels), order: 0.5 },
  };
}

/**
 * Linear-probe depth: a linear map on frozen patch features with the pooled output beside them (SPEC G.2), fitted in
 * closed form to each patch's mean depth and blended up to pixels. Chance is the training images' mean depth.
 */
export const evaluateDepth = (
  train: readonly DepthExample[],
  test: readonly DepthExample[],
  regularisation?: number,
): DepthResult => scoreDepth(fitDepthProbe(train, regularisation), test);
