import type { Embeddings, ModelConfig } from '../../../src/index.ts';
import {
  createRandom,
  float32,
  type NdArray,
  type Random,
  type SessionOptions,
  takeRows,
} from '../../../src/tensor/index.ts';
import { compileWith, imageGraph } from '../../../src/train/index.ts';
import type { EmojiDataset } from '../dataset.ts';
import { UNCHANGED } from '../drawings/augmentation.ts';
import { drawItems } from './drawingBatches.ts';

/** The drawings of each concept, embedded. */
export interface DrawingEmbeddings {
  /** Unit length, [drawings, d]. */
  readonly embeddings: Embeddings;
  /** Of each concept, which rows are its drawings: one or more. */
  readonly rowsOf: readonly (readonly number[])[];
}

const BATCH = 128;

/**
 * Embeds the drawings of some concepts, as they are, in every style that may be trained on.
 * @param parameters those of the image tower, by name
 */
export async function embedDrawings(
  dataset: EmojiDataset,
  concepts: readonly number[],
  config: ModelConfig,
  parameters: ReadonlyMap<string, NdArray<'float32'>>,
  options?: SessionOptions,
): Promise<DrawingEmbeddings> {
  const items = concepts.flatMap((concept, row) =>
    dataset.trainStylesOf(concept).map((style) => ({ concept, style, row })),
  );
  const rowsOf = concepts.map((): number[] => []);
  for (const [i, { row }] of items.entries()) rowsOf[row]!.push(i);
  const tower = await compileWith(imageGraph(config), parameters, options);
  // Nothing is changed at random, so any numbers will do.
  const random = createRandom(0);
  try {
    const width = config.vision.hiddenSize;
    const embeddings = float32([items.length, width], new Float32Array(items.length * width));
    for (let start = 0; start < items.length; start += BATCH) {
      const some = items.slice(start, start + BATCH);
      const pixel_values = drawItems(dataset, some, UNCHANGED, () => random);
      const { image_embeds } = await tower.run({ pixel_values });
      embeddings.data.set(image_embeds!.data as Float32Array, start * width);
    }
    return { embeddings, rowsOf };
  } finally {
    await tower.dispose();
  }
}

/**
 * What the drawings of each concept have in common: the middle between their mean and a vector that was trained to find
 * them all, of unit length. [concepts, d]
 * @param vectors of unit length, in the order of the concepts (see `trainedConcepts`). [concepts, d]
 */
export function drawingCentres({ embeddings, rowsOf }: DrawingEmbeddings, vectors: Embeddings): Embeddings {
  const width = embeddings.shape[1]!;
  const centres = float32([rowsOf.length, width], new Float32Array(rowsOf.length * width));
  rowsOf.forEach((rows, concept) => {
    const sum = new Float64Array(width);
    for (const row of rows) {
      for (let i = 0; i < width; i++) sum[i]! += embeddings.data[row * width + i]!;
    }
    const middle = unit(sum).map((value, i) => value + vectors.data[concept * width + i]!);
    centres.data.set(unit(middle), concept * width);
  });
  return centres;
}

const unit = (vector: Float64Array): Float64Array => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};

/** One drawing of each concept at random. [concepts, d] */
export const drawAny = ({ embeddings, rowsOf }: DrawingEmbeddings, random: Random): Embeddings =>
  takeRows(
    embeddings,
    rowsOf.map((rows) => random.pick(rows)),
  );
