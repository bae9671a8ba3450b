import { type Arrays, int32, zeros } from '../../tensor/index.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import { type DrawingAugmentation, drawAugmented } from './augment.ts';
import type { EmojiDataset } from './dataset.ts';
import type { TrainItem } from './sampler.ts';
import type { LocaleTexts } from './texts.ts';

/** The part of a tokenizer that batches need. */
interface BatchEncoder {
  encodeBatch(texts: readonly string[]): { readonly data: Int32Array; readonly shape: readonly number[] };
}

export interface EmojiBatchOptions {
  readonly seed: number;
  /** Pictures per batch, each of another concept. */
  readonly images: number;
  /** Texts per picture, in languages drawn independently. */
  readonly textsPerImage: number;
  /** Chance that a text is made of keywords instead of the name. */
  readonly keywordProbability: number;
  /** How many related pictures stand together in a batch (see sampler.ts). Default 1: none on purpose. */
  readonly relatedRun?: number;
  /** Languages that texts are drawn from, all alike. Default: every trained one. */
  readonly locales?: readonly string[];
  /** Share of the skin-tone variants that each epoch takes. */
  readonly skinToneFraction: number;
  readonly augmentation: DrawingAugmentation;
}

/** Further texts for a concept: one per drawn language, skipping languages that do not name it. */
function furtherTexts(
  languages: readonly LocaleTexts[],
  concept: number,
  count: number,
  chance: number,
  random: Random,
): string[] {
  const texts: string[] = [];
  for (let attempt = 0; texts.length < count && attempt < 100 * count; attempt++) {
    const { names, keywords } = random.pick(languages);
    const words = keywords[concept] ?? [];
    const text = words.length > 0 && random.next() < chance ? random.pick(words) : names[concept];
    if (text !== undefined) texts.push(text);
  }
  return texts;
}

/**
 * Training batches of the emoji data for the contrastive objective: `pixel_values` [N, 3, S, S], `input_ids`
 * [N·K, T], `image_ids` [N] and `text_ids` [N·K] (concept indices). A pure function of seed and step.
 */
export function emojiBatches(
  dataset: EmojiDataset,
  tokenizer: BatchEncoder,
  options: EmojiBatchOptions,
): (step: number) => Arrays {
  const { seed, images, textsPerImage, keywordProbability, skinToneFraction, augmentation } = options;
  const all = [...dataset.trainTexts.keys()];
  const locales = options.locales ?? all;
  const languages = locales.map((locale) => dataset.trainTexts.get(locale)!);
  const sampler = dataset.trainSampler({
    seed,
    batchSize: images,
    keywordProbability,
    skinToneFraction,
    relatedRun: options.relatedRun,
    localeWeights: Object.fromEntries(all.map((locale) => [locale, locales.includes(locale) ? 1 : 0])),
  });
  return (step) => {
    const items = sampler.batchAt(step);
    const texts = items.flatMap((item, slot) => {
      const random = createRandom(seed, 'emoji', 'further', step, slot);
      const more = furtherTexts(languages, item.concept, textsPerImage - 1, keywordProbability, random);
      return [item.text, ...more, ...Array(textsPerImage - 1 - more.length).fill(item.text)];
    });
    const ids = tokenizer.encodeBatch(texts);
    return {
      pixel_values: drawBatch(dataset, items, augmentation, seed, step),
      input_ids: int32(ids.shape, ids.data),
      image_ids: int32(
        [images],
        items.map((item) => item.concept),
      ),
      text_ids: int32(
        [texts.length],
        texts.map((_, i) => items[Math.floor(i / textsPerImage)]!.concept),
      ),
    };
  };
}

function drawBatch(
  { size, picture }: EmojiDataset,
  items: readonly TrainItem[],
  augmentation: DrawingAugmentation,
  seed: number,
  step: number,
) {
  const pixels = zeros('float32', [items.length, 3, size, size]);
  items.forEach(({ style, concept }, slot) => {
    const random = createRandom(seed, 'emoji', 'augment', step, slot);
    drawAugmented(picture(style, concept), size, augmentation, random, pixels.data, slot * 3 * size * size);
  });
  return pixels;
}
