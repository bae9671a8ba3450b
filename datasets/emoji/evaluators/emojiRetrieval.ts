import type { Encoder } from '../../../src/encoder/encoder.ts';
import type { ModelConfig } from '../../../src/model/config.ts';
import { buildEmojiDataset } from '../buildDataset.ts';
import { basePackages, locatePackage } from '../packages.ts';
import { type EmojiEvaluationOptions, type EmojiSetResult, evaluateEmoji } from './drawings.ts';

/** The split that `recipes/emoji.ts` holds out. */
const SPLIT_SEED = 0;
/** Pixels of a drawing for a NaFlex model, which takes any size. */
const NAFLEX_SIZE = 128;

const pictureSize = ({ vision }: ModelConfig): number =>
  vision.kind === 'fixed' ? vision.imageSize : NAFLEX_SIZE;

/**
 * Retrieval on the emoji that `recipes/emoji.ts` holds out, for `siglip2 evaluate`, which loads this module by its
 * path: drawings in the size that a model takes, and names.
 */
export const emojiRetrieval = {
  /** Throws an error that says what to install if a package of the data set is absent. */
  check(): void {
    basePackages.forEach(locatePackage);
  },
  async run(encoder: Encoder, options: EmojiEvaluationOptions): Promise<EmojiSetResult[]> {
    const dataset = await buildEmojiDataset({ seed: SPLIT_SEED, size: pictureSize(encoder.config) });
    return evaluateEmoji(encoder, dataset, options);
  },
};
