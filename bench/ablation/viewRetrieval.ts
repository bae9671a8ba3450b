/**
 * How well a model's local views say which picture they are from: what self-distillation has to learn from. Each local
 * view looks for the global view of its own scene among those of all scenes. All views are brought to the model's size,
 * where training gives it the local ones small.
 *
 *   npx tsx bench/ablation/viewRetrieval.ts [model directory, default: the embedded model]
 */
import { pathToFileURL } from 'node:url';
import { prepareData } from '../../recipes/miniature/data.ts';
import { FULL } from '../../recipes/miniature/settings.ts';
import { sigmoidTimeline } from '../../recipes/miniature/timeline.ts';
import {
  DINO_COLOURS,
  multiCropBatch,
  SAME_COLOURS,
  silcViews,
  type ViewColours,
} from '../../src/data/augmentation/multiCrop.ts';
import { EMBEDDED_MODEL } from '../../src/encoder/embeddedModel.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { chanceRecall, type Recall, ranks, recall } from '../../src/evaluate/metrics/recall.ts';
import { createSimilarity } from '../../src/evaluate/metrics/similarity.ts';
import { matrix } from '../../src/evaluate/probes/matrix.ts';
import { featureScale } from '../../src/evaluate/probes/standardise.ts';
import type { RgbImage } from '../../src/input/image/rgbImage.ts';
import { float32, type NdArray } from '../../src/tensor/index.ts';

const SCENES = 96;
const LOCAL_VIEWS = 4;

/** Views [N, 3, s, s] in −1 … 1 as pictures. */
function picturesOf({ data, shape }: NdArray<'float32'>): RgbImage[] {
  const [count, , height, width] = shape as [number, number, number, number];
  const plane = height * width;
  return Array.from({ length: count }, (_, n) => {
    const pixels = new Uint8Array(3 * plane);
    for (let i = 0; i < plane; i++) {
      for (let c = 0; c < 3; c++)
        pixels[3 * i + c] = Math.round((data[(3 * n + c) * plane + i]! + 1) * 127.5);
    }
    return { width, height, data: pixels };
  });
}

/** Embeddings around their mean, of unit length: all of one kind lie close together. */
async function centredEmbeddings(encoder: Pick<Encoder, 'embedImages'>, views: NdArray<'float32'>) {
  const { data, shape } = await encoder.embedImages(picturesOf(views));
  const [count, width] = shape as [number, number];
  const { mean } = featureScale(matrix(count, width, data));
  const centred = data.map((value, i) => value - mean[i % width]!);
  const lengths = Array.from({ length: count }, (_, n) =>
    Math.hypot(...centred.subarray(n * width, (n + 1) * width)),
  );
  return float32(
    [count, width],
    centred.map((value, i) => value / lengths[Math.floor(i / width)]!),
  );
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** How often the nearest global views hold a local view's own. */
export async function viewRetrieval(
  encoder: Pick<Encoder, 'embedImages'>,
  images: readonly RgbImage[],
  colours: ViewColours,
  { resolution, localSize }: { readonly resolution: number; readonly localSize: number },
): Promise<Recall> {
  const options = { ...silcViews(resolution, localSize, colours), localViews: LOCAL_VIEWS };
  const { arrays } = multiCropBatch(images, options, 0, 0);
  const globals = await centredEmbeddings(encoder, arrays.global_views);
  const locals = await centredEmbeddings(encoder, arrays.local_views);
  const engine = await createSimilarity(globals.shape[1]!);
  try {
    const similarity = await engine.similarities(locals, globals);
    const own = range(locals.shape[0]!).map((i) => Math.floor(i / LOCAL_VIEWS));
    return recall(ranks(similarity, own, range(images.length)));
  } finally {
    await engine.dispose();
  }
}

async function main(directory: string): Promise<void> {
  const { test, tokenizer } = await prepareData(FULL);
  const { localSize } = sigmoidTimeline(FULL, tokenizer.vocabSize).selfSupervision.selfDistillation;
  const images = Array.from({ length: SCENES }, (_, i) => test.sceneAt(i).image);
  const chance = chanceRecall(SCENES * LOCAL_VIEWS, SCENES);
  const encoder = await load(directory, { imageBatch: 32, offline: true });
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  try {
    for (const [name, colours] of [
      ["DINO's colours", DINO_COLOURS],
      ['same colours', SAME_COLOURS],
    ] as const) {
      const { at1, at5 } = await viewRetrieval(encoder, images, colours, {
        resolution: FULL.resolution,
        localSize,
      });
      console.log(
        `${name}: R@1 ${percent(at1)}, R@5 ${percent(at5)} (chance ${percent(chance.at1)}, ${percent(chance.at5)})`,
      );
    }
  } finally {
    await encoder.dispose();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv[2] ?? EMBEDDED_MODEL);
