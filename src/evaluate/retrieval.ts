import type { Encoder, ImageSource } from '../encoder.ts';
import { type Recall, ranks, recall } from './ranking.ts';
import { createSimilarity } from './similarity.ts';

/** An image and the texts that describe it. */
export interface DescribedImage {
  readonly image: ImageSource;
  readonly texts: readonly string[];
}

export interface RetrievalResult {
  readonly images: number;
  readonly texts: number;
  readonly textToImage: Recall;
  readonly imageToText: Recall;
  /** What guessing would reach: k of the candidates, of which one image, or an image's texts, are right. */
  readonly chance: { readonly textToImage: Recall; readonly imageToText: Recall };
}

/** Chance that k different candidates of n include one of the m right ones: 1 − C(n−m, k)/C(n, k). */
function chanceOf(m: number, n: number, k: number): number {
  let miss = 1;
  for (let i = 0; i < k; i++) miss *= Math.max(n - m - i, 0) / Math.max(n - i, 1);
  return 1 - miss;
}

function chanceOfAll(right: readonly number[], candidates: number): Recall {
  const mean = (k: number) =>
    right.reduce((sum, m) => sum + chanceOf(m, candidates, k), 0) / Math.max(right.length, 1);
  return { queries: right.length, at1: mean(1), at5: mean(5), at10: mean(10) };
}

/**
 * Retrieval between images and texts, all against all (big_vision's image-text retrieval; SPEC F.5): a text finds its
 * image, an image any of its texts.
 * @throws Error naming an image that can't be read
 */
export async function evaluateRetrieval(
  encoder: Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'>,
  described: readonly DescribedImage[],
): Promise<RetrievalResult> {
  const owners = described.flatMap(({ texts }, i) => texts.map(() => i));
  const own = described.map((_, i) => i);
  const images = await encoder.embedImages(described.map(({ image }) => image));
  const texts = await encoder.embedTexts(described.flatMap((one) => one.texts));
  const engine = await createSimilarity(encoder.width);
  try {
    return {
      images: own.length,
      texts: owners.length,
      textToImage: recall(ranks(await engine.similarities(texts, images), owners, own)),
      imageToText: recall(ranks(await engine.similarities(images, texts), own, owners)),
      chance: {
        textToImage: chanceOfAll(
          owners.map(() => 1),
          own.length,
        ),
        imageToText: chanceOfAll(
          described.map((one) => one.texts.length),
          owners.length,
        ),
      },
    };
  } finally {
    await engine.dispose();
  }
}
