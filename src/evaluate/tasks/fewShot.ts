import { heldOut } from '../../data/sources/holdOut.ts';
import { createRandom } from '../../tensor/random.ts';
import {
  atLeastZero,
  check,
  count,
  listOf,
  optional,
  type Rules,
  seed,
  settings,
  share,
} from '../../tensor/settings.ts';
import { classSamples } from '../classSamples.ts';
import { type DataOptions, dataRules, type Evaluator, type SeenSample } from '../evaluator.ts';
import { shareInterval } from '../metrics/interval.ts';
import { applyLinearProbe, fitLinearProbe } from '../probes/linearProbe.ts';
import { type Matrix, zeroMatrix } from '../probes/matrix.ts';
import { sampleFeatures } from '../samples.ts';
import { assertAny, assertFinite, assertLabels } from './checks.ts';

/** Features of pictures, and what each one shows. */
export interface LabelledFeatures {
  /** [n, d]; for a model of the paper its pooled output, without normalisation. */
  readonly features: Matrix;
  /** n class numbers from 0. */
  readonly labels: ArrayLike<number>;
}

export interface FewShotOptions {
  readonly classes: number;
  /** Training pictures per class. Default 10. */
  readonly shots?: number;
  /** Default 2^10. */
  readonly regularisation?: number;
  /** Each draws other training pictures. Default 0, 1, 2. */
  readonly seeds?: readonly number[];
}

/** How training pictures are drawn and what is fitted to them. */
export type Drawing = Omit<FewShotOptions, 'classes'>;

const rules: Rules<Drawing> = {
  shots: optional(count).describe('training images of each class; default 10'),
  regularisation: optional(atLeastZero).describe('l2 regularisation; default 1024'),
  seeds: optional(listOf(seed, 1)).describe('each draws other training images; default [0, 1, 2]'),
};

const fewShotSchema = settings<FewShotOptions>({ classes: count, ...rules });

export interface FewShotResult {
  /** Accuracy for each seed, 0 … 1. */
  readonly accuracies: readonly { readonly seed: number; readonly accuracy: number }[];
  /** Their mean: ours, big_vision logs each by itself. */
  readonly accuracy: number;
  readonly chance: number;
  readonly examples: number;
}

const matrixRows = ({ columns, data }: Matrix, rows: readonly number[]): Matrix => {
  const result = zeroMatrix(rows.length, columns);
  rows.forEach((row, i) => {
    result.data.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return result;
};

/** `shots` random rows of each class. @throws RangeError naming a class that has fewer. */
export function drawShots(labels: ArrayLike<number>, classes: number, shots: number, seed: number): number[] {
  const byClass: number[][] = Array.from({ length: classes }, () => []);
  Array.from(labels).forEach((label, row) => {
    const rows = byClass[label];
    if (rows === undefined) throw new RangeError(`label ${label} is not one of ${classes} classes`);
    rows.push(row);
  });
  return byClass.flatMap((rows, label) => {
    if (rows.length < shots) {
      throw new RangeError(`class ${label} has ${rows.length} training pictures, ${shots} shots need more`);
    }
    return createRandom(seed, 'few-shot', label).shuffle(rows).slice(0, shots);
  });
}

/** ±1: one column per class. */
function signTargets(labels: readonly number[], classes: number): Matrix {
  const targets = zeroMatrix(labels.length, classes);
  targets.data.fill(-1);
  labels.forEach((label, i) => {
    targets.data[i * classes + label] = 1;
  });
  return targets;
}

/** The column of each row's largest value; the first of equal ones. */
export function argmaxRows({ rows, columns, data }: Matrix): number[] {
  return Array.from({ length: rows }, (_, i) => {
    const row = data.subarray(i * columns, (i + 1) * columns);
    return row.reduce((best, value, j) => (value > row[best]! ? j : best), 0);
  });
}

/** The class that ridge regression on the training pictures gives each test picture (big_vision fewshot_lsr). */
export function fewShotPredictions(
  train: LabelledFeatures,
  test: Matrix,
  classes: number,
  regularisation: number,
): number[] {
  const targets = signTargets(Array.from(train.labels), classes);
  return argmaxRows(applyLinearProbe(fitLinearProbe(train.features, targets, regularisation), test));
}

/** @throws RangeError naming the field at fault */
function checkFeatures(name: string, { features, labels }: LabelledFeatures, classes: number): void {
  assertAny(`pictures in ${name}`, features.rows);
  assertFinite(`${name}.features`, features.data);
  assertLabels(`${name}.labels`, labels, features.rows, classes);
}

/**
 * Few-shot linear probe: ridge regression on the frozen features of a few pictures per class, accuracy on others (SigLIP 2,
 * Table 1, "10-shot"; big_vision's fewshot_lsr).
 * @throws RangeError naming a class with too few pictures, or the label or feature at fault; when there are none.
 * @example
 * const features = matrix(4, 2, [0, 1, 0, 1, 1, 0, 1, 0]);
 * const labelled = { features, labels: [0, 0, 1, 1] };
 * const { accuracy } = evaluateFewShot(labelled, labelled, { classes: 2, shots: 1 });
 */
export function evaluateFewShot(
  train: LabelledFeatures,
  test: LabelledFeatures,
  options: FewShotOptions,
): FewShotResult {
  check('fewShot', fewShotSchema, options);
  const { classes, shots = 10, regularisation = 2 ** 10, seeds = [0, 1, 2] } = options;
  checkFeatures('train', train, classes);
  checkFeatures('test', test, classes);
  if (train.features.columns !== test.features.columns)
    throw new RangeError(
      `train.features have ${train.features.columns} columns and test.features ${test.features.columns}; take both from one model`,
    );
  assertAny('seeds', seeds.length);
  const trainLabels = Array.from(train.labels);
  const accuracies = seeds.map((seed) => {
    const rows = drawShots(trainLabels, classes, shots, seed);
    const chosen = {
      features: matrixRows(train.features, rows),
      labels: rows.map((row) => trainLabels[row]!),
    };
    const predicted = fewShotPredictions(chosen, test.features, classes, regularisation);
    const right = predicted.filter((label, i) => label === test.labels[i]).length;
    return { seed, accuracy: right / predicted.length };
  });
  return {
    accuracies,
    accuracy: accuracies.reduce((sum, one) => sum + one.accuracy, 0) / seeds.length,
    chance: 1 / classes,
    examples: test.features.rows,
  };
}

/** Options of `fewShot`. */
export interface FewShotTaskOptions extends DataOptions, Drawing {
  /** The share of each class's images that is tested on; the shots are drawn from the others. Default 0.5. */
  readonly test?: number;
}

/** Which images are tested on is drawn by this, whatever the shots are drawn by. */
const TEST_SEED = 0;

/** Pooled outputs of the images of a set, [n, d]. */
async function pooledFeatures(...[encoder, options]: Parameters<typeof sampleFeatures>) {
  const samples: SeenSample[] = [];
  const rows: Float32Array[] = [];
  for await (const { sample, features } of sampleFeatures(encoder, options)) {
    samples.push(sample);
    rows.push(features.pooled.data);
  }
  const all = zeroMatrix(rows.length, rows[0]?.length ?? 0);
  rows.forEach((row, i) => {
    all.data.set(row, i * all.columns);
  });
  return { samples, features: all };
}

/** @throws Error naming a class with too few images to be learnt from, and the remedy */
function assertShots(names: readonly string[], labels: readonly number[], shots: number): void {
  names.forEach((name, number) => {
    const own = labels.filter((label) => label === number).length;
    if (own < shots)
      throw new Error(
        `class ${JSON.stringify(name)} has ${own} images to learn from, fewer than shots ${shots}: give it more images, or use fewer shots`,
      );
  });
}

/** {@link evaluateFewShot} of a set whose samples have one caption each, the name of their class. */
export const fewShot: Evaluator<FewShotTaskOptions> = {
  name: 'few-shot',
  description:
    'Accuracy of a linear probe that is fitted on a few images of each class, on images sorted into classes.',
  options: {
    ...dataRules,
    ...rules,
    test: optional(share).describe('share of the images that is tested on; default 0.5'),
  },
  async *run(encoder, { data, tally, test: share = 0.5, ...drawing }) {
    const { samples, features } = await pooledFeatures(encoder, { data, ...(tally && { tally }) });
    const { names, labels } = classSamples(samples);
    const kinds = labels.map((label) => names[label]!);
    const tested = heldOut(kinds, share, TEST_SEED);
    const isTested = new Set(tested);
    const learnt = labels.flatMap((_, row) => (isTested.has(row) ? [] : [row]));
    const part = (rows: readonly number[]): LabelledFeatures => ({
      features: matrixRows(features, rows),
      labels: rows.map((row) => labels[row]!),
    });
    const train = part(learnt);
    assertShots(names, Array.from(train.labels), drawing.shots ?? 10);
    const { accuracy, accuracies, chance, examples } = evaluateFewShot(train, part(tested), {
      classes: names.length,
      ...drawing,
    });
    yield {
      metric: 'accuracy',
      value: accuracy,
      interval: shareInterval(accuracy, examples),
      chance,
      count: examples,
    };
    for (const { seed, accuracy: value } of accuracies)
      yield { metric: `accuracy/seed${seed}`, value, chance, count: examples };
  },
};
