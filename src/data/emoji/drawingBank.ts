import { type Embeddings, stackRows } from '../../encoder/batches.ts';
import { imageGraph } from '../../encoder/towers.ts';
import type { ModelConfig } from '../../model/config.ts';
import { compile, float32, type NdArray, type SessionOptions } from '../../tensor/index.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import { type DrawingAugmentation, UNCHANGED } from './augment.ts';
import type { EmojiDataset } from './dataset.ts';
import { drawItems } from './drawingBatches.ts';

/** Several embeddings of each concept's drawings: all of variant 0, then all of variant 1, … */
export interface DrawingBank {
  /** In the order of the embeddings. */
  readonly concepts: readonly number[];
  readonly variants: number;
  /** Unit length, [variants · concepts, d]. */
  readonly embeddings: NdArray<'float32'>;
}

export interface DrawingBankOptions {
  readonly seed: number;
  /** Random changes of every drawing, besides the drawing as it is. */
  readonly changes: number;
  readonly augmentation: DrawingAugmentation;
  readonly session?: SessionOptions;
}

const BATCH = 128;

/**
 * Embeds every trained style's drawing of every concept, as it is and changed at random, with an image tower's
 * parameters. Where a style may not be trained on for a concept, or lacks it, another one stands in.
 */
export async function embedDrawings(
  dataset: EmojiDataset,
  concepts: readonly number[],
  config: ModelConfig,
  parameters: ReadonlyMap<string, NdArray<'float32'>>,
  { seed, changes, augmentation, session: options = {} }: DrawingBankOptions,
): Promise<DrawingBank> {
  const graph = imageGraph(config);
  const weights = new Map([...graph.parameters.keys()].map((name) => [name, parameters.get(name)!]));
  const session = await compile({ outputs: graph.outputs, weights }, options);
  try {
    const { trainStyles } = dataset;
    const variants = trainStyles.length * (1 + changes);
    const tables: Embeddings[] = [];
    for (let variant = 0; variant < variants; variant++) {
      const change = Math.floor(variant / trainStyles.length);
      const style = trainStyles[variant % trainStyles.length]!;
      for (let start = 0; start < concepts.length; start += BATCH) {
        const items = concepts.slice(start, start + BATCH).map((concept) => {
          const styles = dataset.trainStylesOf(concept);
          return { concept, style: styles.includes(style) ? style : styles[variant % styles.length]! };
        });
        const pixel_values = drawItems(dataset, items, change === 0 ? UNCHANGED : augmentation, (slot) =>
          createRandom(seed, 'emoji', 'bank', variant, start + slot),
        );
        const { image_embeds } = await session.run({ pixel_values });
        tables.push(image_embeds as Embeddings);
      }
    }
    return { concepts, variants, embeddings: stackRows(tables, config.vision.hiddenSize) };
  } finally {
    await session.dispose();
  }
}

/**
 * What the drawings of each concept have in common: the middle between their mean and a vector that was trained to find
 * them all, of unit length. [concepts, d]
 * @param vectors of unit length, in the order of the bank's concepts (see train/conceptTable.ts). [concepts, d]
 */
export function bankCentres(
  { concepts, variants, embeddings }: DrawingBank,
  vectors: Embeddings,
): Embeddings {
  const width = embeddings.shape[1]!;
  const centres = float32([concepts.length, width], new Float32Array(concepts.length * width));
  const mean = new Float64Array(width);
  for (let row = 0; row < concepts.length; row++) {
    mean.fill(0);
    for (let variant = 0; variant < variants; variant++) {
      const from = (variant * concepts.length + row) * width;
      for (let i = 0; i < width; i++) mean[i]! += embeddings.data[from + i]!;
    }
    const middle = unit(mean).map((value, i) => value + vectors.data[row * width + i]!);
    centres.data.set(unit(middle), row * width);
  }
  return centres;
}

const unit = (vector: Float64Array): Float64Array => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};

/** One embedding of each concept, its variant drawn at random. [concepts, d] */
export function drawFromBank(
  { concepts, variants, embeddings }: DrawingBank,
  random: Random,
): NdArray<'float32'> {
  const width = embeddings.shape[1]!;
  const chosen = float32([concepts.length, width], new Float32Array(concepts.length * width));
  for (let row = 0; row < concepts.length; row++) {
    const from = (random.int(variants) * concepts.length + row) * width;
    chosen.data.set(embeddings.data.subarray(from, from + width), row * width);
  }
  return chosen;
}
