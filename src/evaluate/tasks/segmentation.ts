import { check, count, optional, positive, settings, wholeNumber } from '../../tensor/settings.ts';
import type { Evaluator } from '../evaluator.ts';
import { type MapOptions, type MappedExample, mappedSamples, mapRules } from '../mappedSamples.ts';
import {
  countPixels,
  IGNORED,
  majorityScores,
  pixelCounts,
  type SegmentationScores,
  segmentationScores,
} from '../metrics/meanIoU.ts';
import {
  assertPixels,
  type DenseExample,
  fitDenseProbe,
  patchMeans,
  probePixels,
} from '../probes/denseProbe.ts';
import { fitSoftmaxProbe, type LinearProbe } from '../probes/linearProbe.ts';
import type { Matrix } from '../probes/matrix.ts';
import { assertAny } from './checks.ts';
import { argmaxRows } from './fewShot.ts';

/** An image's features and the class of each of its pixels. */
export interface SegmentationExample extends DenseExample {
  /** Height × width class numbers from 0, or {@link IGNORED}. */
  readonly labels: ArrayLike<number>;
}

export interface SegmentationOptions {
  readonly classes: number;
  /**
   * l2 regularisation of the probe, above 0. The paper does not say. Default 2^10: the few-shot probe's number, on
   * another loss; on scenes 10 and 100 did worse.
   */
  readonly regularisation?: number;
}

const segmentationSchema = settings<SegmentationOptions>({
  classes: count,
  regularisation: optional(positive),
});

export interface SegmentationResult extends SegmentationScores {
  readonly images: number;
  /** What the most frequent class everywhere would reach. */
  readonly chance: SegmentationScores;
}

/** @throws RangeError naming the pixel whose class is none */
function checkLabels(example: SegmentationExample, classes: number): void {
  const { labels, width } = example;
  assertPixels(example, 'labels', labels);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === IGNORED || (Number.isInteger(label) && label >= 0 && label < classes)) continue;
    throw new RangeError(
      `labels has ${label} at row ${Math.floor(i / width)}, column ${i % width}; expected a class from 0 to ${classes - 1}, or ${IGNORED} for none`,
    );
  }
}

/** The share of each class among a patch's pixels, [patches, classes]. */
const classShares = (example: SegmentationExample, classes: number): Matrix =>
  patchMeans(example, classes, (pixel, label) => (example.labels[pixel] === label ? 1 : 0));

/**
 * Fits the shares of the classes in each patch. Pixels without truth weigh nothing.
 * @throws RangeError when an example does not fit its size, or a pixel's class is none
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 2, width: 2, labels: [0, 0, 1, 1] };
 *   console.log(scoreSegmentation(fitSegmentationProbe([example], { classes: 2 }), [example], 2));
 * }
 */
export function fitSegmentationProbe(
  examples: readonly SegmentationExample[],
  options: SegmentationOptions,
): LinearProbe {
  check('segmentation', segmentationSchema, options);
  const { classes, regularisation = 2 ** 10 } = options;
  for (const example of examples) checkLabels(example, classes);
  return fitDenseProbe(examples, (example) => classShares(example, classes), {
    regularisation,
    fitProbe: fitSoftmaxProbe,
  });
}

/** The class of each pixel. */
const segment = (probe: LinearProbe, example: DenseExample): number[] =>
  argmaxRows(probePixels(probe, example));

/**
 * Mean IoU over all pixels of the examples.
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 2, width: 2, labels: [0, 0, 1, 1] };
 *   console.log(scoreSegmentation(fitSegmentationProbe([example], { classes: 2 }), [example], 2));
 * }
 */
export function scoreSegmentation(
  probe: LinearProbe,
  test: readonly SegmentationExample[],
  classes: number,
): SegmentationResult {
  const counts = pixelCounts(classes);
  for (const example of test) checkLabels(example, classes);
  for (const example of test) countPixels(counts, example.labels, segment(probe, example));
  assertAny(
    'labelled pixels in the test images',
    counts.data.reduce((sum, count) => sum + count, 0),
  );
  return { images: test.length, ...segmentationScores(counts), chance: majorityScores(counts) };
}

/**
 * Linear-probe segmentation: a linear map on frozen patch features with the pooled output beside them (Table 2),
 * fitted by cross-entropy on the shares of the classes in each patch, its logits blended up to pixels; mean IoU over
 * all test pixels.
 *
 * The paper's protocol trains the same layer by gradient descent; here the minimum is found, which needs no schedule
 * and gives the same numbers each time. Its regularisation is not known: compare results with each other, not with
 * Table 2. (Least squares on the shares would call nearly everything by a class that fills most of the pixels: on
 * scenes with 84 % background it reached 21 % mIoU, where this reaches 27.)
 * @example
 * const [features] = await (await load()).imageFeatures(['cat.jpg']);
 * if (features) {
 *   const example = { features, height: 2, width: 2, labels: [0, 0, 1, 1] };
 *   console.log(evaluateSegmentation([example], [example], { classes: 2 }));
 * }
 */
export const evaluateSegmentation = (
  train: readonly SegmentationExample[],
  test: readonly SegmentationExample[],
  options: SegmentationOptions,
): SegmentationResult => scoreSegmentation(fitSegmentationProbe(train, options), test, options.classes);

/** Options of {@link segmentation}. */
export interface SegmentationTaskOptions extends MapOptions, Omit<SegmentationOptions, 'classes'> {
  /** The value of a pixel that no class was given to. Default 255. */
  readonly ignored?: number;
}

/** {@link evaluateSegmentation} of a set with maps of class numbers from 0. */
export const segmentation: Evaluator<SegmentationTaskOptions> = {
  name: 'segmentation',
  description:
    'Mean IoU and pixel accuracy of a linear probe of patches, on images with maps of class numbers from 0.',
  keepUncaptioned: true,
  options: {
    ...mapRules,
    regularisation: optional(positive).describe('l2 regularisation; default 1024'),
    ignored: optional(wholeNumber).describe('value of pixels that have no class; default 255'),
  },
  async *run(encoder, { regularisation, ignored = IGNORED, ...options }) {
    const { train, test } = await mappedSamples(encoder, options);
    const labelOf = (value: number): number => {
      if (value === ignored) return IGNORED;
      if (value !== IGNORED) return value;
      throw new RangeError(
        `${options.maps}: a pixel is ${IGNORED}, which can be no class; number classes without it`,
      );
    };
    const labelled = ({ values, ...example }: MappedExample): SegmentationExample => ({
      ...example,
      labels: Array.from(values, labelOf),
    });
    const [learnt, tested] = [train.map(labelled), test.map(labelled)];
    let classes = 0;
    for (const { labels } of [...learnt, ...tested])
      for (let i = 0; i < labels.length; i++)
        if (labels[i] !== IGNORED) classes = Math.max(classes, labels[i]! + 1);
    if (classes === 0) throw new Error(`${options.maps}: no pixel has a class`);
    const { meanIoU, pixelAccuracy, chance, images } = evaluateSegmentation(learnt, tested, {
      classes,
      ...(regularisation !== undefined && { regularisation }),
    });
    yield { metric: 'meanIoU', value: meanIoU, chance: chance.meanIoU, count: images };
    yield { metric: 'pixelAccuracy', value: pixelAccuracy, chance: chance.pixelAccuracy, count: images };
  },
};
