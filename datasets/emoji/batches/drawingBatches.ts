import {
  type Arrays,
  createRandom,
  int32,
  type NdArray,
  type Random,
  zeros,
} from '../../../src/tensor/index.ts';
import type { EmojiDataset } from '../dataset.ts';
import { type DrawingAugmentation, drawAugmented } from '../drawings/augmentation.ts';
import { blendDrawings } from '../drawings/blend.ts';
import { mirrorsAlike } from '../drawings/mirror.ts';
import type { Style } from '../drawings/styles.ts';
import { type ShiftTone, toneShift } from './skinTones.ts';

export interface DrawingBatchOptions {
  readonly seed: number;
  /** Pictures per batch, each of another concept. */
  readonly images: number;
  /** Share of the skin-tone variants that each epoch takes. */
  readonly skinToneFraction: number;
  readonly augmentation: DrawingAugmentation;
}

/** What a batch shows: a concept in a style. */
interface DrawnItem {
  readonly concept: number;
  readonly style: Style;
}

/**
 * Augmented drawings as model input, [N, 3, S, S] in [−1, 1]. `randomOf` gives each slot its own random numbers.
 * @param shiftTone without it skin stays as it is drawn, whatever the augmentation's chance
 */
export function drawItems(
  dataset: EmojiDataset,
  items: readonly DrawnItem[],
  augmentation: DrawingAugmentation,
  randomOf: (slot: number) => Random,
  shiftTone?: ShiftTone,
): NdArray<'float32'> {
  const { size } = dataset;
  const pixels = zeros('float32', [items.length, 3, size, size]);
  items.forEach(({ concept, style }, slot) => {
    const random = randomOf(slot);
    const shifts = shiftTone !== undefined && random.next() < augmentation.tone;
    let drawing = shifts ? shiftTone(random, style, concept) : dataset.picture(style, concept);
    if (random.next() < augmentation.blend) {
      const other = dataset.picture(random.pick(dataset.trainStylesOf(concept)), concept);
      drawing = blendDrawings(drawing, other, random.next());
    }
    const mayMirror = mirrorsAlike(dataset.concepts[concept]!);
    drawAugmented(drawing, size, augmentation, mayMirror, random, pixels.data, slot * 3 * size * size);
  });
  return pixels;
}

/**
 * Training batches without texts, for a table of concepts: `pixel_values` [N, 3, S, S] and `image_ids` [N], positions in
 * `concepts`. A pure function of seed and step.
 * @param concepts the training concepts, in the order of the table
 */
export function drawingBatches(
  dataset: EmojiDataset,
  concepts: readonly number[],
  { seed, images, skinToneFraction, augmentation }: DrawingBatchOptions,
): (step: number) => Arrays {
  const rowOf = new Map(concepts.map((concept, row) => [concept, row]));
  const sampler = dataset.trainSampler({ seed, batchSize: images, skinToneFraction });
  const shiftTone = augmentation.tone > 0 ? toneShift(dataset) : undefined;
  return (step) => {
    const items = sampler.batchAt(step);
    return {
      pixel_values: drawItems(
        dataset,
        items,
        augmentation,
        (slot) => createRandom(seed, 'emoji', 'augment', step, slot),
        shiftTone,
      ),
      image_ids: int32(
        [images],
        items.map(({ concept }) => rowOf.get(concept)!),
      ),
    };
  };
}
