import { labelPrompts, matchProbabilities } from '../../encoder/classify.ts';
import { embedPrompts } from '../../encoder/comparison/embedPrompts.ts';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import type { PatchEmbeddings } from '../../encoder/towers/patches.ts';
import type { Box } from '../../input/image/box.ts';
import { type ImageSource, toImage } from '../../input/image/imageSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { CLIP_BEST } from '../../input/text/clipTemplates.ts';
import { check, count, listOf, settings as settingsOf, shareBelowOne, text } from '../../tensor/settings.ts';
import { type Component, componentBounds, connectedComponents } from './components.ts';
import { cropImage } from './crop.ts';
import type { Detection, Detector } from './detector.ts';

/** The seven templates that CLIP's authors found best, without the bare name (OWLv2 uses seven; §2.2). */
export const DETECTION_TEMPLATES: readonly string[] = CLIP_BEST.filter((template) => template !== '{}');

export interface HeatmapDetectorSettings {
  /** Prompts per query; their embeddings are averaged. */
  readonly templates: readonly string[];
  /**
   * A patch belongs to a query where its similarity is above this share of the way from the image's lowest to its
   * highest, 0 … 1. Relative, because single patches have no calibrated probability. A guess.
   */
  readonly threshold: number;
  /** Fewest patches of a box. */
  readonly minPatches: number;
  /** Boxes per query, the largest components first. */
  readonly maxBoxes: number;
}

const detectorSchema = settingsOf<HeatmapDetectorSettings>({
  templates: listOf(text, 1),
  threshold: shareBelowOne,
  minPatches: count,
  maxBoxes: count,
});

export const HEATMAP_DEFAULTS: HeatmapDetectorSettings = {
  templates: DETECTION_TEMPLATES,
  threshold: 0.6,
  minPatches: 2,
  maxBoxes: 3,
};

type Encoding = Parameters<typeof heatmapDetector>[0];

/** Cosine of every patch with one text, [patches]. */
function similarities(patches: Embeddings, texts: Embeddings, text: number): Float32Array {
  const [count, width] = patches.shape as [number, number];
  const query = texts.data.subarray(text * width, (text + 1) * width);
  return Float32Array.from({ length: count }, (_, patch) =>
    query.reduce((dot, value, k) => dot + value * patches.data[patch * width + k]!, 0),
  );
}

function boxOf(component: Component, { columns, patchHeight, patchWidth }: PatchEmbeddings): Box {
  const { top, left, bottom, right } = componentBounds(component, columns);
  return {
    y1: top * patchHeight,
    x1: left * patchWidth,
    y2: Math.min(bottom * patchHeight, 1),
    x2: Math.min(right * patchWidth, 1),
  };
}

/** Where the query may be: components of the patches that are most like it. */
function candidates(
  grid: PatchEmbeddings,
  heat: Float32Array,
  { threshold, minPatches, maxBoxes }: HeatmapDetectorSettings,
): Box[] {
  const [low, high] = [Math.min(...heat), Math.max(...heat)];
  // A flat map points nowhere.
  if (!(high > low)) return [];
  const limit = low + threshold * (high - low);
  return connectedComponents(
    Array.from(heat, (value) => value > limit),
    grid.rows,
    grid.columns,
  )
    .filter((component) => component.length >= minPatches)
    .sort((a, b) => b.length - a.length)
    .slice(0, maxBoxes)
    .map((component) => boxOf(component, grid));
}

interface Candidate {
  readonly box: Box;
  readonly query: number;
}

/** The probability that each candidate's part of the image, seen alone, matches its query. */
async function scoreCrops(
  encoder: Encoding,
  image: RgbImage,
  texts: Embeddings,
  found: readonly Candidate[],
): Promise<number[]> {
  const boxes = [...new Map(found.map(({ box }) => [JSON.stringify(box), box])).entries()];
  const crops = await encoder.embedImages(boxes.map(([, box]) => cropImage(image, box)));
  const probabilities = matchProbabilities(crops, texts, encoder.logitScalars);
  const row = new Map(boxes.map(([key], i) => [key, i]));
  return found.map(
    ({ box, query }) => probabilities.data[row.get(JSON.stringify(box))! * texts.shape[0]! + query]!,
  );
}

/**
 * A detector from a SigLIP 2 alone, for want of a trained one: the similarity of each patch with a query makes a
 * heatmap, its hottest connected parts make boxes, and the probability that the part of the image inside a box matches
 * the query is the box's score. Patches say where, whole crops say whether: only the latter is what the model was
 * trained to judge. Boxes are as coarse as the patches, and things of one kind that touch get one box.
 * @throws RangeError when a setting is out of range
 * @example
 * const encoder = await load();
 * const detector = heatmapDetector(encoder);
 * const regions = await annotate('park.jpg', [{ text: 'a dog beside a bicycle' }], detector);
 */
export function heatmapDetector(
  encoder: Pick<Encoder, 'decode' | 'embedPatches' | 'embedImages' | 'embedTexts' | 'logitScalars'>,
  options: Partial<HeatmapDetectorSettings> = {},
): Detector {
  const settings = { ...HEATMAP_DEFAULTS, ...options };
  check('detector', detectorSchema, settings);
  return {
    async detect(source: ImageSource, queries: readonly string[]): Promise<Detection[]> {
      if (queries.length === 0) return [];
      const image = await toImage(source, encoder.decode);
      const [grid] = await encoder.embedPatches([image]);
      const texts = await embedPrompts(encoder, labelPrompts(queries, settings.templates));
      const found = queries.flatMap((_, query) =>
        candidates(grid!, similarities(grid!.embeddings, texts, query), settings).map((box) => ({
          box,
          query,
        })),
      );
      if (found.length === 0) return [];
      const scores = await scoreCrops(encoder, image, texts, found);
      return found.map(({ box, query }, i) => ({ box, query: queries[query]!, score: scores[i]! }));
    },
  };
}
