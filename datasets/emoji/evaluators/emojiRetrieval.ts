import { z } from 'zod';
import {
  type Evaluation,
  type ProgressOptions,
  progressRules,
  recallEvaluations,
  registerEvaluator,
} from '../../../src/evaluate/index.ts';
import type { ModelConfig } from '../../../src/index.ts';
import { buildEmojiDataset } from '../buildDataset.ts';
import { basePackages, locatePackage } from '../packages.ts';
import { SPLIT_SEED } from '../split.ts';
import { type EmojiSetResult, evaluateEmoji } from './evaluateEmoji.ts';

/** Pixels of a drawing for a NaFlex model, which takes any size. */
const NAFLEX_SIZE = 128;

const pictureSize = ({ vision }: ModelConfig): number =>
  vision.kind === 'fixed' ? vision.imageSize : NAFLEX_SIZE;

export interface EmojiRetrievalOptions extends ProgressOptions {
  /** Names of evaluation sets, or prefixes of names. Default: all. */
  readonly sets?: readonly string[];
  /** Gives each of these locales numbers of its own, beside the means of them. Default: the means of all. */
  readonly locales?: readonly string[] | 'all';
}

/** Both ways: a set's means over locales, after those of each locale where they are asked for. */
function* evaluationsOf(result: EmojiSetResult, perLocale: boolean): Generator<Evaluation> {
  const { set, locales, chance } = result;
  for (const way of ['textToImage', 'imageToText'] as const) {
    if (perLocale)
      for (const one of locales)
        yield* recallEvaluations(`${set}/${one.locale}/${way}`, one[way], chance, true);
    yield* recallEvaluations(`${set}/${way}`, result[way], chance, false);
  }
}

/**
 * Retrieval between emoji drawings and their names, on the sets that `recipes/emoji.ts` holds out, in the size that a
 * model takes: what `siglip2 evaluate` does in a checkout where no task is named.
 */
export const emojiRetrieval = registerEvaluator<EmojiRetrievalOptions>({
  name: 'emoji',
  description:
    'Recall@1, 5 and 10 between emoji drawings and their names in 105 locales, on seen and held-out concepts, drawing styles and locales: means over locales.',
  options: {
    ...progressRules,
    sets: z
      .array(z.string())
      .optional()
      .describe('evaluation sets, or beginnings of their names; default: all'),
    locales: z
      .union([z.literal('all'), z.array(z.string())], 'a list of locales, or all')
      .optional()
      .describe('locales that get numbers of their own; default: means of all'),
  },
  assertReady() {
    basePackages.forEach(locatePackage);
  },
  async *run(encoder, { sets, locales, onProgress }) {
    const dataset = await buildEmojiDataset({ seed: SPLIT_SEED, size: pictureSize(encoder.config) });
    const chosen = locales === 'all' ? undefined : locales;
    const results = await evaluateEmoji(encoder, dataset, {
      ...(sets && { sets }),
      ...(chosen && { locales: chosen }),
      ...(onProgress && { onProgress }),
    });
    for (const result of results) yield* evaluationsOf(result, locales !== undefined);
  },
});
