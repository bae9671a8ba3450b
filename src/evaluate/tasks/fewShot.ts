import { createRandom } from '../../tensor/random.ts';
import { atLeastZero, check, count, listOf, optional, seed, settings } from '../../tensor/settings.ts';
import { applyLinearProbe, fitLinearProbe } from '../probes/linearProbe.ts';
import { type Matrix, zeroMatrix } from '../probes/matrix.ts';
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

const fewShotSchema = settings<FewShotOptions>({
  classes: count,
  shots: optional(count),
  regularisation: optional(atLeastZero),
  seeds: optional(listOf(seed, 1)),
});

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
 * Few-shot linear probe: ridge regression on the frozen features of a few pictures per class, accuracy on others (the
 * "10-shot" of the paper's tables; big_vision's fewshot_lsr, SPEC F.6).
 * @throws RangeError naming a class with too few pictures, or the label or feature at fault; when there are none.
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
