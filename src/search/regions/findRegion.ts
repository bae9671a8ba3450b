import { cropImage } from '../../data/annotation/crop.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder, ImageOptions } from '../../encoder/encoder.ts';
import { type PatchScores, patchScores } from '../../encoder/patchScores.ts';
import { type Box, normaliseBox } from '../../input/image/box.ts';
import { type ImageSource, toImage } from '../../input/image/imageSource.ts';
import { patchesRule } from '../../input/image/naflex/patchBudget.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { ndarray } from '../../tensor/index.ts';
import { splitRows } from '../../tensor/rows.ts';
import { check, optional, settings, wholeNumber } from '../../tensor/settings.ts';
import { hotBox } from './hotBox.ts';
import { heatIn, windowsOf } from './windows.ts';

export interface FindRegionOptions extends ImageOptions {
  /**
   * Most parts of the picture that are cut out and embedded one by one, those first in which the patches fit best. Each
   * takes the time of a picture. 0 takes the box from the patches alone. Default: all, which are about 50.
   */
  readonly windows?: number | undefined;
}

const schema = settings<FindRegionOptions>({
  maxNumPatches: optional(patchesRule),
  windows: optional(wholeNumber),
});

/** The part of a picture that fits a query best. */
export interface FoundRegion {
  /** In pixels of the upright picture. */
  readonly box: Box;
  /**
   * The cosine of the query with the part, seen alone: as that of a whole picture. Without windows it is the mean over the
   * part's patches, which is comparable within the picture only. A picture that shows nothing of the query has a best part
   * too: its score is low.
   */
  readonly score: number;
  /** Of every patch, for `drawHeatmap`. */
  readonly scores: PatchScores;
}

/** Boxes to look at for a query: those first in which its patches fit best. */
const boxesFor = (scores: PatchScores, query: number, windows: number): Box[] =>
  windowsOf(scores.size)
    .map((box) => ({ box, heat: heatIn(scores, query, box) }))
    .sort((a, b) => b.heat - a.heat)
    .slice(0, windows)
    .map(({ box }) => box);

const keyOf = ({ y1, x1, y2, x2 }: Box): string => [y1, x1, y2, x2].join();

/** Parts of an image as the model sees them, each alone and once: the cosine of a box with a query. */
async function seenAlone(
  encoder: Pick<Encoder, 'embedImages'>,
  image: RgbImage,
  boxes: readonly Box[],
  options: ImageOptions,
): Promise<(box: Box, query: Float32Array) => number> {
  const all = [...new Map(boxes.map((box) => [keyOf(box), box])).values()];
  const rows = new Map(all.map((box, i) => [keyOf(box), i]));
  const parts = all.map((box) => cropImage(image, normaliseBox(box, image)));
  const { data } = await encoder.embedImages(parts, options);
  return (box, query) => {
    const from = rows.get(keyOf(box))! * query.length;
    return query.reduce((sum, value, k) => sum + value * data[from + k]!, 0);
  };
}

/**
 * The best part of an image for each of some queries, whose patches are scored already.
 * @param queries [queries, d]
 */
export async function regionsOf(
  encoder: Pick<Encoder, 'embedImages'>,
  image: RgbImage,
  queries: Embeddings,
  scores: PatchScores,
  { windows = Number.POSITIVE_INFINITY, maxNumPatches }: FindRegionOptions = {},
): Promise<Omit<FoundRegion, 'scores'>[]> {
  const vectors = splitRows(queries);
  if (windows === 0)
    return vectors.map((_, query) => {
      const box = hotBox(scores, query);
      return { box, score: heatIn(scores, query, box) };
    });
  const asked = vectors.map((_, query) => boxesFor(scores, query, windows));
  const cosine = await seenAlone(encoder, image, asked.flat(), { maxNumPatches });
  return vectors.map(
    (vector, query) =>
      asked[query]!.map((box) => ({ box, score: cosine(box, vector) })).sort((a, b) => b.score - a.score)[0]!,
  );
}

/**
 * Finds the part of a picture that fits a query best. Models are trained on whole pictures and judge parts that are cut
 * out far better than single patches; so patches say where to look first, and what is seen there decides.
 * @param query embedding of a text or of a picture, unit length, [d]
 * @throws Error naming the picture that cannot be read; RangeError when an option is wrong or the query of another width
 * @example
 * const encoder = await load('google/siglip2-base-patch16-naflex');
 * const texts = await encoder.embedTexts(['a red bicycle']);
 * const { box, score } = await findRegion(encoder, 'street.jpg', texts.data, { windows: 12 });
 */
export async function findRegion(
  encoder: Pick<Encoder, 'decode' | 'embedPatches' | 'embedImages' | 'preprocessing'>,
  picture: ImageSource,
  query: Float32Array,
  options: FindRegionOptions = {},
): Promise<FoundRegion> {
  check('findRegion', schema, options);
  const image = await toImage(picture, encoder.decode);
  const queries = ndarray('float32', [1, query.length], query);
  const scores = await patchScores(encoder, image, queries, { maxNumPatches: options.maxNumPatches });
  const [found] = await regionsOf(encoder, image, queries, scores, options);
  return { ...found!, scores };
}
