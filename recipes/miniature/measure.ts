import { loadCaptioner } from '../../src/encoder/captioner.ts';
import type { Encoder } from '../../src/encoder.ts';
import type { LocaleResult } from '../../src/evaluate/emoji.ts';
import { retrievalByBranch } from '../../src/evaluate/languageGroups.ts';
import { meanRecall } from '../../src/evaluate/ranking.ts';
import { evaluateSceneCrops } from '../../src/evaluate/sceneCrops.ts';
import { evaluateSceneDense } from '../../src/evaluate/sceneDense.ts';
import { evaluateSceneReferring } from '../../src/evaluate/sceneReferring.ts';
import { evaluateSceneRetrieval } from '../../src/evaluate/sceneRetrieval.ts';
import type { MiniatureData } from './data.ts';
import { locateWith } from './referring.ts';
import type { MiniatureSettings } from './settings.ts';

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
 * Measures one model with the decoder that was trained on its frozen tokens: retrieval of unseen scenes (R@1, mean over
 * languages), of those in a drawing style never trained on and of stretched ones; zero-shot crops among all concepts in
 * English; linear-probe segmentation; and referring accuracy@0.5.
 */
export async function measureModel(
  directory: string,
  data: MiniatureData,
  { evaluation }: MiniatureSettings,
  threads?: number,
): Promise<Measures> {
  const captioner = await loadCaptioner(directory, { threads, imageBatch: 32, offline: true });
  try {
    const { encoder } = captioner;
    const { scenes, denseTrain: trainScenes, denseTest: testScenes, referringScenes } = evaluation;
    const found = await retrieval(encoder, data, scenes);
    const crops = await evaluateSceneCrops(encoder, data.test, { scenes, locale: 'en' });
    const tests = { test: data.test };
    const dense = await evaluateSceneDense(encoder, data.dataset, data.test, tests, {
      trainScenes,
      testScenes,
    });
    const { all } = await evaluateSceneReferring(locateWith(captioner), data.test, {
      scenes: referringScenes,
    });
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
    await captioner.dispose();
  }
}

/** Referring accuracy@0.5 of the decoder that was trained with the encoder. */
export async function measureOwnDecoder(
  directory: string,
  data: MiniatureData,
  { evaluation }: MiniatureSettings,
  threads?: number,
): Promise<Measures> {
  const captioner = await loadCaptioner(directory, { threads, offline: true });
  try {
    const options = { scenes: evaluation.referringScenes };
    const { all } = await evaluateSceneReferring(locateWith(captioner), data.test, options);
    return { referringOwn: all.accuracy };
  } finally {
    await captioner.dispose();
  }
}
