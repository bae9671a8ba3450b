import { retrievalByBranch } from '../../datasets/emoji/evaluators/languageGroups.ts';
import type { LocaleResult } from '../../datasets/emoji/evaluators/localeResult.ts';
import { evaluateSceneCrops } from '../../datasets/emoji/evaluators/scenes/crops.ts';
import { evaluateSceneDense } from '../../datasets/emoji/evaluators/scenes/dense.ts';
import { groundingProbe } from '../../datasets/emoji/evaluators/scenes/groundingProbe.ts';
import {
  evaluateSceneReferring,
  type Locate,
  type ReferringQuestion,
} from '../../datasets/emoji/evaluators/scenes/referring.ts';
import { evaluateSceneRetrieval } from '../../datasets/emoji/evaluators/scenes/retrieval.ts';
import type { MiniatureData } from '../../recipes/miniature/data.ts';
import type { MiniatureSettings } from '../../recipes/miniature/settings.ts';
import { type Captioner, loadCaptioner } from '../../src/encoder/captioner.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { meanRecall } from '../../src/evaluate/metrics/recall.ts';
import type { Box } from '../../src/input/image/box.ts';
import type { RgbImage } from '../../src/input/image/rgbImage.ts';

/** Numbers by name, 0 … 1 where they are shares. */
export type Measures = Readonly<Record<string, number>>;

const textToImage = (results: readonly LocaleResult[]): number =>
  meanRecall(results.map((one) => one.textToImage)).at1;
const imageToText = (results: readonly LocaleResult[]): number =>
  meanRecall(results.map((one) => one.imageToText)).at1;

async function retrieval(encoder: Encoder, data: MiniatureData, scenes: number): Promise<Measures> {
  const test = await evaluateSceneRetrieval(encoder, data.test, { scenes });
  const heldOut = await evaluateSceneRetrieval(encoder, data.heldOutStyle, { scenes });
  const stretched = await evaluateSceneRetrieval(encoder, data.stretched, { scenes });
  const branches = retrievalByBranch(test, data.dataset.locales).map(
    (one) => [`branch ${one.branch}`, one.textToImage.at1] as const,
  );
  return {
    textToImage: textToImage(test),
    imageToText: imageToText(test),
    heldOutStyle: textToImage(heldOut),
    stretched: textToImage(stretched),
    ...Object.fromEntries(branches),
  };
}

/**
 * Measures one model: retrieval of unseen scenes (R@1, mean over languages), of those in a drawing style never trained
 * on and of stretched ones; zero-shot crops among all concepts in English; and, by linear probes on frozen patch
 * features, segmentation and referring accuracy@0.5.
 */
export async function measureModel(
  directory: string,
  data: MiniatureData,
  { evaluation }: MiniatureSettings,
  threads?: number,
): Promise<Measures> {
  const encoder = await load(directory, { threads, imageBatch: 32, offline: true });
  try {
    const { scenes, denseTrain: trainScenes, denseTest: testScenes } = evaluation;
    const found = await retrieval(encoder, data, scenes);
    const crops = await evaluateSceneCrops(encoder, data.test, { scenes, locale: 'en' });
    const tests = { test: data.test };
    const dense = await evaluateSceneDense(encoder, data.dataset, data.test, tests, {
      trainScenes,
      testScenes,
    });
    const locate = await groundingProbe(encoder, data.test, { scenes: trainScenes });
    // Behind those that the probe was fitted on.
    const asked = { firstScene: trainScenes, scenes: testScenes };
    const { all } = await evaluateSceneReferring(locate, data.test, asked);
    const { segmentation, depth } = dense[0]!;
    return {
      ...found,
      crops: crops.top1,
      meanIoU: segmentation.meanIoU,
      depthRmse: depth.rmse,
      referring: all.accuracy,
      referringIoU: all.meanIoU,
      'chance crops': crops.chance.top1,
      'chance meanIoU': segmentation.chance.meanIoU,
      'chance referring': all.chance.otherBox,
    };
  } finally {
    await encoder.dispose();
  }
}

/** Answers by generating `ARef`, greedily; each picture is looked at once. */
const locateWith =
  (captioner: Pick<Captioner, 'refer'>): Locate =>
  async (questions) => {
    const byImage = new Map<RgbImage, ReferringQuestion[]>();
    for (const question of questions)
      byImage.set(question.image, [...(byImage.get(question.image) ?? []), question]);
    const answers = new Map<ReferringQuestion, Box | undefined>();
    for (const [image, asked] of byImage) {
      const written = await captioner.refer(
        image,
        asked.map(({ text }) => text),
      );
      asked.forEach((question, i) => {
        answers.set(question, written[i]!.box);
      });
    }
    return questions.map((question) => answers.get(question));
  };

/** Referring accuracy@0.5 of the decoder that was trained with the encoder. */
export async function measureDecoder(
  directory: string,
  data: MiniatureData,
  { evaluation }: MiniatureSettings,
  threads?: number,
): Promise<Measures> {
  const captioner = await loadCaptioner(directory, { threads, offline: true });
  try {
    const options = { scenes: evaluation.decoderScenes };
    const { all } = await evaluateSceneReferring(locateWith(captioner), data.test, options);
    return { decoder: all.accuracy };
  } finally {
    await captioner.dispose();
  }
}
