import {
  chanceRecall,
  type Evaluation,
  meanRecall,
  type ProgressOptions,
  recallEvaluations,
  shareInterval,
} from '../../../../src/evaluate/index.ts';
import type { Encoder } from '../../../../src/index.ts';
import type { EmojiDataset } from '../../dataset.ts';
import type { Scenes } from '../../scenes/generator.ts';
import { evaluateSceneCrops } from './crops.ts';
import { evaluateSceneDense } from './dense.ts';
import { groundingProbe } from './groundingProbe.ts';
import { evaluateSceneReferring } from './referring.ts';
import { evaluateSceneRetrieval } from './retrieval.ts';

export interface SceneMeasureOptions extends ProgressOptions {
  /** Scenes that are asked about. */
  readonly scenes: number;
  /** Scenes that the linear probes are fitted on: the first ones. Those that they are asked about come behind them. */
  readonly probeScenes: number;
}

type Asked = Pick<Encoder, 'width' | 'embedImages' | 'embedTexts' | 'imageFeatures'>;

/** Scenes by their captions and the other way round: means over languages. */
async function* retrieval(encoder: Asked, scenes: Scenes, count: number): AsyncGenerator<Evaluation> {
  const locales = await evaluateSceneRetrieval(encoder, scenes, { scenes: count });
  for (const way of ['textToImage', 'imageToText'] as const) {
    const found = meanRecall(locales.map((one) => one[way]));
    // Queries of all languages together; each is ranked among those of its own.
    const chance = chanceRecall(found.queries, Math.round(found.queries / locales.length));
    yield* recallEvaluations(way, found, chance, locales.length === 1);
  }
}

/** Things cut out of scenes, told apart among all names of the vocabulary's first language. */
async function* crops(encoder: Asked, scenes: Scenes, count: number): AsyncGenerator<Evaluation> {
  const locale = scenes.vocabulary.locales[0]!;
  const { top1, chance, images } = await evaluateSceneCrops(encoder, scenes, { scenes: count, locale });
  const interval = shareInterval(top1, images);
  yield { metric: 'crops', value: top1, interval, chance: chance.top1, count: images };
}

/** What frozen patch features say of each place, by linear probes. */
async function* dense(
  encoder: Asked,
  dataset: EmojiDataset,
  scenes: Scenes,
  { scenes: testScenes, probeScenes: trainScenes }: SceneMeasureOptions,
): AsyncGenerator<Evaluation> {
  const options = { trainScenes, testScenes };
  const [found] = await evaluateSceneDense(encoder, dataset, scenes, { scenes }, options);
  const { segmentation, depth } = found!;
  yield {
    metric: 'meanIoU',
    value: segmentation.meanIoU,
    chance: segmentation.chance.meanIoU,
    count: segmentation.images,
  };
  yield {
    metric: 'depthRmse',
    value: depth.rmse,
    chance: depth.chance.rmse,
    count: depth.images,
    lowerIsBetter: true,
  };
}

/** Boxes of texts, by a linear map from patch features to text embeddings. */
async function* referring(
  encoder: Asked,
  scenes: Scenes,
  { scenes: count, probeScenes }: SceneMeasureOptions,
): AsyncGenerator<Evaluation> {
  const locate = await groundingProbe(encoder, scenes, { scenes: probeScenes });
  const { all } = await evaluateSceneReferring(locate, scenes, { firstScene: probeScenes, scenes: count });
  const { accuracy, chance, expressions } = all;
  const interval = shareInterval(accuracy, expressions);
  yield { metric: 'referring@0.5', value: accuracy, interval, chance: chance.otherBox, count: expressions };
}

/**
 * Everything that scenes with true captions, masks and boxes can ask of a model: retrieval, zero-shot classification of
 * crops, and by linear probes on frozen patch features segmentation, depth and referring expressions.
 */
export async function* sceneMeasures(
  encoder: Asked,
  dataset: EmojiDataset,
  scenes: Scenes,
  options: SceneMeasureOptions,
): AsyncGenerator<Evaluation> {
  const parts = {
    retrieval: () => retrieval(encoder, scenes, options.scenes),
    crops: () => crops(encoder, scenes, options.scenes),
    dense: () => dense(encoder, dataset, scenes, options),
    referring: () => referring(encoder, scenes, options),
  };
  for (const [i, [name, measure]] of Object.entries(parts).entries()) {
    options.onProgress?.(i, Object.keys(parts).length, name);
    yield* measure();
  }
}
