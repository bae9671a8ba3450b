import { type Matrix, zeroMatrix } from '../probes/matrix.ts';

/** A pixel that has no truth and does not count. */
export const IGNORED = 255;

const isClass = (value: number, classes: number): boolean =>
  Number.isInteger(value) && value >= 0 && value < classes;

/**
 * Counts pixels by true class (row) and predicted class (column) into `counts` [classes, classes].
 * Pixels whose truth is {@link IGNORED} are left out.
 * @throws RangeError when the lengths differ or a class is out of range.
 */
export function countPixels(counts: Matrix, truth: ArrayLike<number>, predicted: ArrayLike<number>): void {
  const classes = counts.rows;
  if (truth.length !== predicted.length) {
    throw new RangeError(`${predicted.length} predicted pixels for ${truth.length} true ones`);
  }
  for (let i = 0; i < truth.length; i++) {
    if (truth[i] === IGNORED) continue;
    if (!(isClass(truth[i]!, classes) && isClass(predicted[i]!, classes))) {
      throw new RangeError(
        `pixel ${i} has class ${truth[i]} or ${predicted[i]}; there are ${classes} classes`,
      );
    }
    counts.data[truth[i]! * classes + predicted[i]!]!++;
  }
}

/** Counts for {@link countPixels} to fill. */
export const pixelCounts = (classes: number): Matrix => zeroMatrix(classes, classes);

export interface SegmentationScores {
  /** Mean over the classes that are there, 0 … 1. */
  readonly meanIoU: number;
  /** By class: right pixels among those that are or were called the class. Undefined for a class that never comes. */
  readonly perClass: readonly (number | undefined)[];
  /** Share of pixels with the right class. */
  readonly pixelAccuracy: number;
}

/** Intersection over union of each class over all pixels of a data set, and its mean (PASCAL VOC's measure). */
export function segmentationScores({ rows: classes, data }: Matrix): SegmentationScores {
  const total = data.reduce((sum, count) => sum + count, 0);
  const range = Array.from({ length: classes }, (_, i) => i);
  const right = range.map((c) => data[c * classes + c]!);
  const perClass = range.map((c) => {
    const isClass = range.reduce((sum, other) => sum + data[c * classes + other]!, 0);
    const called = range.reduce((sum, other) => sum + data[other * classes + c]!, 0);
    const union = isClass + called - right[c]!;
    return union === 0 ? undefined : right[c]! / union;
  });
  const present = perClass.filter((value) => value !== undefined);
  return {
    meanIoU: present.reduce((sum, value) => sum + value, 0) / Math.max(1, present.length),
    perClass,
    pixelAccuracy: right.reduce((sum, count) => sum + count, 0) / Math.max(1, total),
  };
}

/** What calling every pixel by the most frequent class of these counts would reach. */
export function majorityScores({ rows: classes, data }: Matrix): SegmentationScores {
  const range = Array.from({ length: classes }, (_, i) => i);
  const truth = range.map((c) => range.reduce((sum, other) => sum + data[c * classes + other]!, 0));
  const majority = truth.indexOf(Math.max(...truth));
  const counts = pixelCounts(classes);
  truth.forEach((count, c) => {
    counts.data[c * classes + majority] = count;
  });
  return segmentationScores(counts);
}
