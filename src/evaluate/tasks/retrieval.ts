import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';
import { takeRows } from '../../tensor/rows.ts';
import { check, oneOf, optional, type Rules, settings } from '../../tensor/settings.ts';
import { type DataOptions, dataRules, type Evaluator } from '../evaluator.ts';
import { chanceOfAll, type Recall, ranksWhere, recall } from '../metrics/recall.ts';
import { recallEvaluations } from '../metrics/recallEvaluations.ts';
import { createSimilarity } from '../metrics/similarity.ts';
import { embedSamples } from '../samples.ts';
import { equalNumbers } from './equalNumbers.ts';

/** An image and the texts that describe it. */
export interface DescribedImage {
  readonly image: ImageSource;
  /** Without any, the image is a wrong answer for every text, and is not asked about. */
  readonly texts: readonly string[];
}

export interface RetrievalOptions {
  /**
   * What the right answers are where two images have one text. `alike`: both images, and the text of either, since
   * nobody can tell them apart; training counts them so too. `own`: only the image that the text came with, as the
   * reference evaluation of COCO and Flickr does (big_vision's image-text retrieval). Default `alike`.
   */
  readonly equalTexts?: 'alike' | 'own';
}

const rules: Rules<RetrievalOptions> = {
  equalTexts: optional(oneOf(['alike', 'own'])).describe(
    'own: only the image that a text came with is right, as in COCO; default: every image with an equal text',
  ),
};

const retrievalSchema = settings<RetrievalOptions>(rules);

export interface RetrievalResult {
  readonly images: number;
  readonly texts: number;
  /** Images without a text: candidates, but no queries. */
  readonly imagesWithoutText: number;
  /** Texts that stand at more than one image. */
  readonly sharedTexts: number;
  readonly textToImage: Recall;
  readonly imageToText: Recall;
  /** What guessing would reach: k of the candidates, of which those are right that count as right. */
  readonly chance: { readonly textToImage: Recall; readonly imageToText: Recall };
}

type Described = Pick<DescribedImage, 'texts'>;

/** Which image each text is of, and which texts are the same. */
interface Texts {
  readonly list: readonly string[];
  readonly owners: readonly number[];
  /** The same number for texts that are alike. */
  readonly classes: readonly number[];
  /** Images by a text's class, texts by an image. */
  readonly imagesOf: readonly ReadonlySet<number>[];
  readonly textsOf: readonly ReadonlySet<number>[];
}

/** Letter case and the space around a text make no other text: the models' tokenizers drop both. */
const alike = (text: string): string => text.normalize('NFC').trim().toLowerCase();

function numbered(described: readonly Described[], equal: 'alike' | 'own'): Texts {
  const list = described.flatMap(({ texts }) => texts);
  const owners = described.flatMap(({ texts }, i) => texts.map(() => i));
  const classes = equalNumbers(list.map((text, row) => (equal === 'alike' ? alike(text) : `${owners[row]}`)));
  const imagesOf = Array.from({ length: new Set(classes).size }, () => new Set<number>());
  const textsOf = described.map(() => new Set<number>());
  classes.forEach((number, row) => {
    imagesOf[number]!.add(owners[row]!);
    textsOf[owners[row]!]!.add(number);
  });
  return { list, owners, classes, imagesOf, textsOf };
}

/** How many texts stand at more than one image. */
function countShared(described: readonly Described[]): number {
  const { classes, imagesOf } = numbered(described, 'alike');
  return classes.filter((number) => imagesOf[number]!.size > 1).length;
}

type Encoding = Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'>;

/**
 * Retrieval between images and texts, all against all (big_vision's image-text retrieval; SigLIP 2, Table 1): a text
 * finds its image, an image any of its texts.
 * @throws RangeError when no image has a text, or naming the option that is none; Error naming an image that can't be read
 * @example
 * const encoder = await load();
 * const result = await evaluateRetrieval(encoder, [
 *   { image: 'cat.jpg', texts: ['a cat'] },
 *   { image: 'dog.jpg', texts: ['a dog'] },
 * ]);
 */
export async function evaluateRetrieval(
  encoder: Pick<Encoder, 'width' | 'embedImages' | 'embedTexts'>,
  described: readonly DescribedImage[],
  options: RetrievalOptions = {},
): Promise<RetrievalResult> {
  check('retrieval', retrievalSchema, options);
  assertTexts(described);
  const images = await encoder.embedImages(described.map(({ image }) => image));
  return scoreRetrieval(encoder, images, described, options);
}

function assertTexts(described: readonly Described[]): void {
  if (described.every(({ texts }) => texts.length === 0))
    throw new RangeError('no image has a text: there is nothing to find');
}

/** As {@link evaluateRetrieval}, of images that are embedded: unit length, [n, d]. */
async function scoreRetrieval(
  encoder: Encoding,
  images: Embeddings,
  described: readonly Described[],
  { equalTexts = 'alike' }: RetrievalOptions,
): Promise<RetrievalResult> {
  const { list, classes, imagesOf, textsOf } = numbered(described, equalTexts);
  const sizes = imagesOf.map(() => 0);
  for (const number of classes) sizes[number]!++;
  const asked = described.flatMap(({ texts }, i) => (texts.length > 0 ? [i] : []));
  const texts = await encoder.embedTexts(list);
  const engine = await createSimilarity(encoder.width);
  try {
    const byText = await engine.similarities(texts, images);
    const byImage = await engine.similarities(takeRows(images, asked), texts);
    const rightTexts = (image: number) =>
      [...textsOf[image]!].reduce((count, number) => count + sizes[number]!, 0);
    return {
      images: described.length,
      texts: list.length,
      imagesWithoutText: described.length - asked.length,
      sharedTexts: countShared(described),
      textToImage: recall(ranksWhere(byText, (text, image) => imagesOf[classes[text]!]!.has(image))),
      imageToText: recall(ranksWhere(byImage, (row, text) => textsOf[asked[row]!]!.has(classes[text]!))),
      chance: {
        textToImage: chanceOfAll(
          classes.map((number) => imagesOf[number]!.size),
          described.length,
        ),
        imageToText: chanceOfAll(asked.map(rightTexts), list.length),
      },
    };
  } finally {
    await engine.dispose();
  }
}

/** {@link evaluateRetrieval} of a set with captions. */
export const retrieval: Evaluator<DataOptions & RetrievalOptions> = {
  name: 'retrieval',
  description: 'Recall@1, 5 and 10 between images and their captions, both ways.',
  options: { ...dataRules, ...rules },
  async *run(encoder, { equalTexts = 'alike', ...data }) {
    const { samples, embeddings } = await embedSamples(encoder, data);
    const described = samples.map(({ captions }) => ({ texts: captions.map(({ text }) => text) }));
    assertTexts(described);
    const result = await scoreRetrieval(encoder, embeddings, described, { equalTexts });
    for (const way of ['textToImage', 'imageToText'] as const)
      yield* recallEvaluations(way, result[way], result.chance[way]);
  },
};
