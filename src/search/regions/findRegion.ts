import { cropImage } from '../../data/annotation/crop.ts';
import type { Encoder, ImageOptions } from '../../encoder/encoder.ts';
import { type PatchScores, patchScores } from '../../encoder/patchScores.ts';
import { type Box, normaliseBox } from '../../input/image/box.ts';
import { type ImageSource, toImage } from '../../input/image/imageSource.ts';
import { patchesRule } from '../../input/image/naflex/patchBudget.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { ndarray } from '../../tensor/index.ts';
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

type Encoding = Pick<Encoder, 'decode' | 'embedPatches' | 'embedImages' | 'preprocessing'>;

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

/** Parts of an image with the cosine of each, seen alone, best first. */
async function scoreParts(
  encoder: Pick<Encoder, 'embedImages'>,
  image: RgbImage,
  boxes: readonly Box[],
  query: Float32Array,
  options: ImageOptions,
) {
  const parts = boxes.map((box) => cropImage(image, normaliseBox(box, image)));
  const { data } = await encoder.embedImages(parts, options);
  const width = query.length;
  const cosine = (part: number) =>
    data.subarray(part * width, (part + 1) * width).reduce((sum, value, k) => sum + value * query[k]!, 0);
  return boxes.map((box, i) => ({ box, score: cosine(i) })).sort((a, b) => b.score - a.score);
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
  encoder: Encoding,
  picture: ImageSource,
  query: Float32Array,
  options: FindRegionOptions = {},
): Promise<FoundRegion> {
  check('findRegion', schema, options);
  const { windows = Number.POSITIVE_INFINITY, maxNumPatches } = options;
  const image = await toImage(picture, encoder.decode);
  const queries = ndarray('float32', [1, query.length], query);
  const scores = await patchScores(encoder, image, queries, { maxNumPatches });
  const heat = (box: Box): number => heatIn(scores, 0, box);
  if (windows === 0) {
    const box = hotBox(scores, 0);
    return { box, score: heat(box), scores };
  }
  const boxes = windowsOf(image)
    .map((box) => ({ box, heat: heat(box) }))
    .sort((a, b) => b.heat - a.heat)
    .slice(0, windows)
    .map(({ box }) => box);
  const [best] = await scoreParts(encoder, image, boxes, query, { maxNumPatches });
  return { ...best!, scores };
}
