/**
 * Evaluation: the tasks of the paper, each with the level that chance would reach beside its result, and the metrics and
 * probes that they are made of.
 *
 * ```ts
 * import { load } from 'siglip2';
 * import { evaluateZeroShot } from 'siglip2/evaluate';
 * const encoder = await load();
 * const { top1, chance } = await evaluateZeroShot(encoder, ['cat.jpg', 'dog.jpg'], [0, 1], ['cat', 'dog']);
 * ```
 * @module siglip2/evaluate
 */

// The contract of an evaluation protocol, those that there are, and what new ones are built from.

export * as rules from '../tensor/settings.ts';
export { type ClassSamples, classSamples } from './classSamples.ts';
export {
  type DataOptions,
  dataRules,
  type Evaluation,
  type Evaluator,
  type ProgressOptions,
  progressRules,
  type SeenSample,
} from './evaluator.ts';
export { type MapOptions, type MappedExample, mappedSamples, mapRules } from './mappedSamples.ts';
export { evaluators, registerEvaluator } from './registry.ts';
export {
  type DecodedRow,
  decodedSamples,
  type EmbeddedSamples,
  embedSamples,
  type ReadMore,
  sampleFeatures,
} from './samples.ts';

// Tasks: zero-shot and few-shot classification, retrieval.

export { type DescribedResult, evaluateDescribed } from './tasks/described.ts';
export {
  type Drawing,
  evaluateFewShot,
  type FewShotOptions,
  type FewShotResult,
  type FewShotTaskOptions,
  type LabelledFeatures,
} from './tasks/fewShot.ts';
export {
  type DescribedImage,
  evaluateRetrieval,
  type RetrievalOptions,
  type RetrievalResult,
} from './tasks/retrieval.ts';
export {
  type ClassResult,
  evaluateZeroShot,
  type ZeroShotOptions,
  type ZeroShotResult,
} from './tasks/zeroShot.ts';

// Tasks at each place of a picture.

export type { SegmentationScores } from './metrics/meanIoU.ts';
export type { DenseExample } from './probes/denseProbe.ts';
export { type DepthExample, type DepthResult, evaluateDepth } from './tasks/depth.ts';
export {
  type LocateTexts,
  type ReferringResult,
  type ReferringTaskOptions,
  type ReferringTruth,
  referringAccuracy,
} from './tasks/referring.ts';
export {
  evaluateSegmentation,
  type SegmentationExample,
  type SegmentationOptions,
  type SegmentationResult,
} from './tasks/segmentation.ts';

// Metrics.

export { shareInterval } from './metrics/interval.ts';
export { IGNORED } from './metrics/meanIoU.ts';
export { chanceRecall, meanRecall, type Recall, ranks, recall } from './metrics/recall.ts';
export { recallEvaluations } from './metrics/recallEvaluations.ts';
export { createSimilarity, type SimilarityEngine } from './metrics/similarity.ts';

// Probes: small models over frozen features.

export {
  type DenseProbeOptions,
  fitDenseProbe,
  patchMeans,
  tokenInputs,
  upsample,
} from './probes/denseProbe.ts';
export {
  applyLinearProbe,
  fitLinearProbe,
  fitSoftmaxProbe,
  type LinearLayer,
  type LinearProbe,
  linearLayer,
} from './probes/linearProbe.ts';
export { type Matrix, matrix, times, zeroMatrix } from './probes/matrix.ts';
export { type FeatureScale, featureScale } from './probes/standardise.ts';
export { type DepthProbe, fitDepthProbe, scoreDepth } from './tasks/depth.ts';
export { fitSegmentationProbe, scoreSegmentation } from './tasks/segmentation.ts';
