/** The scenes that the miniature is trained and measured on, and its tokenizer. */
import {
  buildEmojiDataset,
  createScenes,
  type EmojiDataset,
  type SceneOptions,
  type Scenes,
  sceneVocabulary,
} from '../../datasets/emoji/index.ts';
import { loadTokenizer, type TextTokenizer } from '../../src/data/index.ts';
import { gemmaTokenizer } from '../gemmaTokenizer.ts';
import { chooseConcepts } from './concepts.ts';
import type { MiniatureSettings } from './settings.ts';
import { embeddedStart, embeddedTokenizer, type StartingModel } from './start.ts';
import { miniatureTokenizer } from './vocabulary.ts';

/** Side of the drawings that scenes are made of: as large as the largest in a scene. */
const DRAWING = 64;

/** Scenes of one to three things; more would be small at 64 pixels. */
const OBJECTS = { objects: [1, 3], objectSize: [0.35, 0.65] } as const;

/** Seed of the scenes that models are measured on; those of training have the run's. */
const TEST_SEED = 1_000_003;

export interface MiniatureData {
  readonly dataset: EmojiDataset;
  readonly tokenizerJson: unknown;
  /** What training starts from, where that is not scratch. */
  readonly start?: StartingModel;
  /** For captions, padded to the text tower's length. */
  readonly tokenizer: TextTokenizer;
  /** Endless scenes to train on. */
  trainScenes(seed: number): Scenes;
  /** Scenes that no run is trained on, of the same things, drawn by the same vendors. */
  readonly test: Scenes;
  /** The same, drawn by a vendor that training never shows. */
  readonly heldOutStyle: Scenes;
  /** Like `test`, with aspect ratios up to 1:4 and 4:1: training shows up to 1:2 and 2:1. */
  readonly stretched: Scenes;
}

/** Reads names and drawings (rasterised the first time) and trims the vocabulary. The same for every seed. */
export async function prepareData(settings: MiniatureSettings, cacheDir?: string): Promise<MiniatureData> {
  const dataset = await buildEmojiDataset({
    seed: 0,
    size: DRAWING,
    only: await chooseConcepts(settings.concepts),
    locales: settings.locales,
    minimumNames: 1,
    // All concepts and locales are trained on: what is tested is new scenes.
    heldOut: { conceptFraction: 0, locales: 0 },
    ...(cacheDir !== undefined && { cacheDir }),
  });
  const fromEmbedded = settings.start === 'embedded';
  const { tokenizerJson, kept } = miniatureTokenizer(
    dataset,
    fromEmbedded ? await embeddedTokenizer() : gemmaTokenizer(),
  );
  const scenes = (seed: number, aspect: readonly [number, number], styles: 'train' | 'heldOut'): Scenes => {
    const options: SceneOptions = {
      ...OBJECTS,
      seed,
      vocabulary: sceneVocabulary(dataset, { split: { styles } }),
      canvas: { pixels: settings.scenePixels, aspect },
    };
    return createScenes(dataset, options);
  };
  return {
    dataset,
    tokenizerJson,
    ...(fromEmbedded && { start: await embeddedStart(kept) }),
    tokenizer: await loadTokenizer(tokenizerJson as object, { length: settings.text.length }),
    trainScenes: (seed) => scenes(seed, [1 / 2, 2], 'train'),
    test: scenes(TEST_SEED, [1 / 2, 2], 'train'),
    heldOutStyle: scenes(TEST_SEED, [1 / 2, 2], 'heldOut'),
    stretched: scenes(TEST_SEED + 1, [1 / 4, 4], 'train'),
  };
}
