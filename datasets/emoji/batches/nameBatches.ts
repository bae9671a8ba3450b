import type { Embeddings } from '../../../src/index.ts';
import { type Arrays, createRandom, int32, type Random, takeRows } from '../../../src/tensor/index.ts';
import type { EmojiTexts } from '../dataset.ts';
import type { LocaleTexts } from '../texts/texts.ts';

/** The part of a tokenizer that batches need. */
interface BatchEncoder {
  encodeBatch(texts: readonly string[]): { readonly data: Int32Array; readonly shape: readonly number[] };
}

export interface NameBatchOptions {
  readonly seed: number;
  /** Texts per batch. */
  readonly texts: number;
  /** Chance that a text is a keyword instead of the name. */
  readonly keywordProbability: number;
  /** Chance that a text is about a skin-tone variant: they are 45 % of the emoji, but their names are composed. */
  readonly skinToneProbability: number;
  /** What the texts are compared with: an embedding of each concept. [C, d] */
  readonly images: (random: Random) => Embeddings;
  /** What each text is drawn to, where the objective asks for it. [C, d] */
  readonly centres?: Embeddings;
}

function drawText(
  languages: readonly LocaleTexts[],
  concepts: readonly number[],
  keywordProbability: number,
  random: Random,
): { concept: number; text: string } {
  for (;;) {
    const { names, keywords } = random.pick(languages);
    const concept = random.pick(concepts);
    const words = keywords[concept] ?? [];
    const text = words.length > 0 && random.next() < keywordProbability ? random.pick(words) : names[concept];
    if (text !== undefined) return { concept, text };
  }
}

/**
 * Training batches of texts in every trained language against one embedding of each concept (see
 * train/lockedImages.ts): `image_embeddings` [C, d], `image_ids` [C], `input_ids` [M, T], `text_ids` [M] (concept
 * indices) and, where centres are given, `centres` [M, d]. Languages are drawn alike. A pure function of seed and step.
 * @param concepts the training concepts, in the order of the embeddings
 */
export function nameBatches(
  dataset: EmojiTexts,
  tokenizer: BatchEncoder,
  concepts: readonly number[],
  options: NameBatchOptions,
): (step: number) => Arrays {
  const { seed, texts, keywordProbability, skinToneProbability, images, centres } = options;
  const languages = [...dataset.trainTexts.values()];
  const toned = concepts.filter((concept) => dataset.concepts[concept]!.skinTone);
  const plain = concepts.filter((concept) => !dataset.concepts[concept]!.skinTone);
  const rowOf = new Map(concepts.map((concept, row) => [concept, row]));
  const imageIds = int32([concepts.length], concepts);
  return (step) => {
    const random = createRandom(seed, 'emoji', 'names', step);
    const drawn = Array.from({ length: texts }, () => {
      const some = toned.length > 0 && random.next() < skinToneProbability ? toned : plain;
      return drawText(languages, some, keywordProbability, random);
    });
    const ids = tokenizer.encodeBatch(drawn.map(({ text }) => text));
    const own = drawn.map(({ concept }) => concept);
    return {
      image_embeddings: images(random),
      image_ids: imageIds,
      input_ids: int32(ids.shape, ids.data),
      text_ids: int32([texts], own),
      ...(centres && {
        centres: takeRows(
          centres,
          own.map((concept) => rowOf.get(concept)!),
        ),
      }),
    };
  };
}
