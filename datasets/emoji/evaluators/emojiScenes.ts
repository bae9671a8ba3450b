import {
  type ProgressOptions,
  progressRules,
  registerEvaluator,
  rules,
} from '../../../src/evaluate/index.ts';
import { buildEmojiDataset } from '../buildDataset.ts';
import { basePackages, locatePackage } from '../packages.ts';
import { createScenes } from '../scenes/generator.ts';
import { sceneVocabulary } from '../scenes/vocabulary.ts';
import { SPLIT_SEED } from '../split.ts';
import { sceneMeasures } from './scenes/measures.ts';

/** Side of the drawings that scenes are made of. */
const DRAWING = 64;
/** Scenes of about this many pixels, as wide and as high as pictures on the web are. */
const CANVAS = { pixels: 128 * 128, aspect: [1 / 2, 2] } as const;
const SCENES_SEED = 1_000_003;

export interface EmojiScenesOptions extends ProgressOptions {
  /** Scenes that are asked about. Default 300. */
  readonly scenes?: number;
  /** Scenes that the linear probes are fitted on. Default 200. */
  readonly probeScenes?: number;
  /** Languages of captions and names; names of crops are the first one's. Default English. */
  readonly locales?: readonly string[];
  /** Whose drawings: those of vendors that the embedded model was trained on, or of the one held out. Default heldOut. */
  readonly style?: 'train' | 'heldOut';
}

/** Scenes of several emoji, whose captions, masks and boxes are true. */
export const emojiScenes = registerEvaluator<EmojiScenesOptions>({
  name: 'emoji-scenes',
  description:
    'Scenes of several emoji: retrieval by caption, zero-shot crops, and by linear probes segmentation, depth and referring expressions.',
  options: {
    ...progressRules,
    scenes: rules.optional(rules.count).describe('scenes that are asked about; default: 300'),
    probeScenes: rules.optional(rules.count).describe('scenes that probes are fitted on; default: 200'),
    locales: rules.optional(rules.listOf(rules.text, 1)).describe('languages of captions; default: en'),
    style: rules
      .optional(rules.oneOf(['train', 'heldOut']))
      .describe('drawings of a style that the embedded model was trained on, or held out; default: heldOut'),
  },
  assertReady() {
    basePackages.forEach(locatePackage);
  },
  async *run(encoder, options) {
    const { scenes = 300, probeScenes = 200, locales = ['en'], style = 'heldOut', onProgress } = options;
    const dataset = await buildEmojiDataset({ seed: SPLIT_SEED, size: DRAWING });
    const vocabulary = sceneVocabulary(dataset, { split: { styles: style }, locales });
    const made = createScenes(dataset, { seed: SCENES_SEED, vocabulary, canvas: CANVAS });
    yield* sceneMeasures(encoder, dataset, made, { scenes, probeScenes, onProgress });
  },
});
