import { heatmapDetector } from '../../data/annotation/heatmapDetector.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { type Box, intersectionOverUnion } from '../../input/image/box.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { callback, optional, rule } from '../../tensor/settings.ts';
import { type DataOptions, dataRules, type Evaluator } from '../evaluator.ts';
import { shareInterval } from '../metrics/interval.ts';
import { mean } from '../metrics/mean.ts';
import { decodedSamples } from '../samples.ts';
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
 * Accuracy@0.5 of referring expressions (RefCOCO's measure; SigLIP 2, Table 5). Boxes may be in pixels or normalised, but a
 * prediction must be in the unit of its truth.
 * @param predictions a box per question; undefined where the model gave none, which is wrong
 * @param threshold of the intersection over union. Default 0.5.
 * @throws RangeError when there are no questions or another number of predictions; naming a box that is none.
 * @example
 * const box = { y1: 0.1, x1: 0.1, y2: 0.6, x2: 0.5 };
 * console.log(referringAccuracy([box, undefined], [{ box }, { box }]).accuracy); // 0.5
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

/** Answers questions about one image: a normalised box for each text, undefined where there is none. */
export type LocateTexts = (
  image: RgbImage,
  texts: readonly string[],
) => Promise<readonly (Box | undefined)[]>;

/** Options of `referring`. */
export interface ReferringTaskOptions extends DataOptions {
  /** Intersection over union from which a box is right. Default 0.5. */
  readonly threshold?: number;
  /** What answers, e.g. a decoder that writes boxes. Default: the best box of the encoder's own heatmaps. */
  readonly locate?: LocateTexts;
}

/** The box of which the encoder is surest, for each text. */
function heatmapLocate(encoder: Encoder): LocateTexts {
  const detector = heatmapDetector(encoder);
  return async (image, texts) => {
    const found = await detector.detect(image, [...new Set(texts)]);
    const best = new Map<string, (typeof found)[number]>();
    for (const one of found) if (!(one.score <= (best.get(one.query)?.score ?? -1))) best.set(one.query, one);
    return texts.map((text) => best.get(text)?.box);
  };
}

/** {@link referringAccuracy} of a set whose regions have texts that mean them. */
export const referring: Evaluator<ReferringTaskOptions> = {
  name: 'referring',
  description: 'Share of texts for whose region of an image the right box is found, on data with regions.',
  keepUncaptioned: true,
  options: {
    ...dataRules,
    threshold: optional(
      rule<number>(
        'a number above 0 and at most 1',
        (value) => typeof value === 'number' && value > 0 && value <= 1,
      ),
    ).describe('intersection over union from which a box is right; default 0.5'),
    locate: optional(callback<LocateTexts>()),
  },
  async *run(encoder, { threshold = 0.5, locate = heatmapLocate(encoder), ...data }) {
    const predictions: (Box | undefined)[] = [];
    const truths: ReferringTruth[] = [];
    for await (const { sample, image } of decodedSamples(encoder, data)) {
      const regions = sample.regions ?? [];
      if (regions.length === 0) continue;
      // Several texts may mean one box.
      const candidates = [...new Map(regions.map(({ box }) => [JSON.stringify(box), box])).values()];
      truths.push(...regions.map(({ box }) => ({ box, candidates })));
      predictions.push(
        ...(await locate(
          image,
          regions.map(({ text }) => text),
        )),
      );
    }
    if (truths.length === 0)
      throw new Error(
        'the data has no regions: give boxes with texts, in metadata.jsonl or as COCO annotations',
      );
    const {
      accuracy,
      meanIoU,
      chance,
      expressions: count,
    } = referringAccuracy(predictions, truths, threshold);
    const interval = shareInterval(accuracy, count);
    yield {
      metric: `accuracy@${threshold}`,
      value: accuracy,
      interval,
      ...(chance.anyObject !== undefined && { chance: chance.anyObject }),
      count,
    };
    yield { metric: 'meanIoU', value: meanIoU, count };
  },
};
