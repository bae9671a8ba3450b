import { type Box, intersectionOverUnion } from '../../input/image/box.ts';
import { mean } from '../metrics/mean.ts';
import { assertAny, assertBox, assertSides } from './checks.ts';

/** One question: which box does the expression mean. */
export interface ReferringTruth {
  readonly box: Box;
  /** The boxes of all objects in the image, the right one among them, where they are known: for chance. */
  readonly candidates?: readonly Box[];
}

export interface ReferringResult {
  readonly expressions: number;
  /** Share of predictions whose IoU with the true box is at least the threshold, 0 … 1. */
  readonly accuracy: number;
  readonly meanIoU: number;
  readonly chance: {
    /** Accuracy of answering with the true box of another question, averaged over all of them. */
    readonly otherBox: number;
    /** Accuracy of choosing one of the image's objects blindly; undefined where they are not given. */
    readonly anyObject: number | undefined;
  };
}

const share = (all: readonly boolean[]): number => all.filter(Boolean).length / all.length;

/**
 * Accuracy@0.5 of referring expressions (RefCOCO's measure; SPEC G.5). Boxes may be in pixels or normalised, but a
 * prediction must be in the unit of its truth.
 * @param predictions a box per question; undefined where the model gave none, which is wrong
 * @param threshold of the intersection over union. Default 0.5.
 * @throws RangeError when there are no questions or another number of predictions; naming a box that is none.
 */
export function referringAccuracy(
  predictions: readonly (Box | undefined)[],
  truths: readonly ReferringTruth[],
  threshold = 0.5,
): ReferringResult {
  if (truths.length === 0 || predictions.length !== truths.length) {
    throw new RangeError(
      `${predictions.length} predictions for ${truths.length} expressions; one each is needed`,
    );
  }
  if (!(threshold > 0 && threshold <= 1))
    throw new RangeError(`threshold is ${threshold}; it must be above 0 and at most 1`);
  truths.forEach(({ box, candidates }, i) => {
    assertBox(`truths[${i}].box`, box);
    if (candidates) assertAny(`truths[${i}].candidates`, candidates.length);
    candidates?.forEach((one, j) => {
      assertBox(`truths[${i}].candidates[${j}]`, one);
    });
  });
  predictions.forEach((box, i) => {
    if (box) assertSides(`predictions[${i}]`, box);
  });
  const overlaps = truths.map(({ box }, i) => {
    const predicted = predictions[i];
    return predicted ? intersectionOverUnion(predicted, box) : 0;
  });
  const matches = (a: Box, b: Box) => intersectionOverUnion(a, b) >= threshold;
  const others = truths.flatMap(({ box }, i) =>
    truths.flatMap((other, j) => (i === j ? [] : [matches(other.box, box)])),
  );
  const known = truths.flatMap(({ box, candidates }) => (candidates ? [{ box, candidates }] : []));
  return {
    expressions: truths.length,
    accuracy: share(overlaps.map((overlap) => overlap >= threshold)),
    meanIoU: mean(overlaps),
    chance: {
      otherBox: others.length === 0 ? 0 : share(others),
      anyObject:
        known.length < truths.length
          ? undefined
          : mean(known.map(({ box, candidates }) => share(candidates.map((one) => matches(one, box))))),
    },
  };
}
