import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openModelDirectory } from '../../../../src/checkpoint/huggingFace/directory.ts';
import { imageFolder } from '../../../../src/data/sources/folder/imageFolder.ts';
import {
  type Arrays,
  float32,
  gather,
  input,
  int32,
  mul,
  sizeOf,
  sum,
  type Tensor,
} from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { chunkedMemory } from '../../../../src/train/cost/chunkedCost.ts';
import { finetune } from '../../../../src/train/finetune/finetune.ts';
import type { ChunkedObjective } from '../../../../src/train/losses/chunkedObjective.ts';
import { chunkedContrastiveObjective } from '../../../../src/train/losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../../../../src/train/losses/sigmoid/contrastive.ts';
import { chunksOf } from '../../../../src/train/step/chunked/chunks.ts';
import { createStep } from '../../../../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import { chunkedRows } from '../../../../src/train/step/sparse/chunkedRows.ts';
import { rowsForTables } from '../../../../src/train/step/sparse/rowForm.ts';
import { initialState, type TrainState } from '../../../../src/train/step/state/state.ts';
import { IMAGES, saveTinyModel, tinyConfig } from '../../../cli/fixtures.ts';
import { temporaryFolder } from '../../../cli/temporary.ts';

const LENGTH = 64;
const ROWS = 256_000;
const TABLE = 'tokens.embedding.weight';

/** The least that is computed in chunks: a token table that is read by ids, and nothing of a model. */
function reading(batch: number, chunk: number): ChunkedObjective {
  const table = input(TABLE, 'float32', [ROWS, 2]);
  const ids = input('input_ids', 'int32', [chunk, LENGTH]);
  const texts = sum(gather(table, ids), [1]);
  const images = input('pixel_values', 'float32', [chunk, 2]);
  const [ofImages, ofTexts] = ['image_embeddings', 'text_embeddings'].map((name) =>
    input(name, 'float32', [batch, 2]),
  ) as [Tensor, Tensor];
  return {
    parameters: new Map([[TABLE, { tensor: table, shape: [ROWS, 2], initializer: { kind: 'zeros' } }]]),
    images: { inputs: { pixel_values: images }, embeddings: images, count: batch },
    texts: { inputs: { input_ids: ids }, embeddings: texts, count: batch },
    loss: {
      images: ofImages,
      texts: ofTexts,
      imageInputs: {},
      textInputs: {},
      loss: sum(mul(ofImages, ofTexts)),
      metrics: {},
    },
  };
}

/** Batch, batch/2, batch/4 …, as fine-tuning tries them. */
function halvings(batch: number): number[] {
  const chunks: number[] = [];
  for (let chunk = batch; chunk >= 1; chunk = Math.floor(chunk / 2)) chunks.push(chunk);
  return chunks;
}

const optimizer = { ...PAPER_OPTIMIZER, learningRate: 0.01, epsilon: 1e-2 };

describe('any batch in chunks of any size', () => {
  it('has as many places for rows as ids, whatever the halvings of a batch leave over', () => {
    for (let batch = 8; batch <= 512; batch++) {
      for (const chunk of halvings(batch)) {
        const [table] = rowsForTables(chunkedRows, reading(batch, chunk), optimizer, true).tables;
        expect(table?.slots, `${batch} in chunks of ${chunk}`).toBe(batch * LENGTH);
      }
    }
  });

  it('is planned in whole bytes, and covered once', () => {
    const sizes = fc
      .integer({ min: 1, max: 1000 })
      .chain((batch) => fc.tuple(fc.constant(batch), fc.integer({ min: 1, max: batch })));
    fc.assert(
      fc.property(sizes, ([batch, chunk]) => {
        const memory = chunkedMemory(reading(batch, chunk), optimizer, true);
        for (const bytes of Object.values(memory)) expect(Number.isInteger(bytes)).toBe(true);
        // Images, ids, and for each id the place of its row.
        expect(memory.batch).toBe(4 * batch * (2 + LENGTH + LENGTH));
        const rows = chunksOf(batch, chunk).flatMap(({ start, overlap }) =>
          Array.from({ length: chunk - overlap }, (_, i) => start + overlap + i),
        );
        expect(rows).toEqual(Array.from({ length: batch }, (_, i) => i));
      }),
      { numRuns: 50 },
    );
  });
});

const config = tinyConfig('fixed', 50);

function batchOf(count: number, step: number): Arrays {
  const { inputs } = contrastiveObjective(config, { images: count, texts: count });
  const random = createRandom(2, 'sizes', String(step));
  const shape = (name: string) => inputs[name]!.shape as number[];
  const draw = (name: string, next: () => number) => Array.from({ length: sizeOf(shape(name)) }, next);
  const ids = int32(
    [count],
    Array.from({ length: count }, (_, i) => i),
  );
  return {
    pixel_values: float32(shape('pixel_values'), draw('pixel_values', random.normal)),
    input_ids: int32(
      shape('input_ids'),
      draw('input_ids', () => random.int(50)),
    ),
    image_ids: ids,
    text_ids: ids,
  };
}

/** Loss of each of two steps, and the token table after them. */
async function train(count: number, chunk: { images: number; texts: number } | undefined) {
  const shape = { images: count, texts: count };
  const plain = contrastiveObjective(config, shape);
  const start: TrainState = initialState(plain, 4);
  const options = { sparse: true };
  const step = chunk
    ? await createStep(chunkedContrastiveObjective(config, shape, chunk), optimizer, start, options)
    : await createStep(plain, optimizer, start, options);
  try {
    const losses: number[] = [];
    for (let i = 0; i < 2; i++) losses.push((await step.run(batchOf(count, i), i, 1)).loss);
    return { losses, table: step.state().get('text_model.embeddings.token_embedding.weight')!.data.slice() };
  } finally {
    await step.dispose();
  }
}

it('a step in chunks that do not divide the batch is that of the whole batch', async () => {
  const sizes = fc
    .integer({ min: 1, max: 13 })
    .chain((batch) =>
      fc.tuple(fc.constant(batch), fc.integer({ min: 1, max: batch }), fc.integer({ min: 1, max: batch })),
    );
  await fc.assert(
    fc.asyncProperty(sizes, async ([batch, images, texts]) => {
      const expected = await train(batch, undefined);
      const actual = await train(batch, { images, texts });
      actual.losses.forEach((loss, i) => {
        expect(Math.abs(loss / expected.losses[i]! - 1)).toBeLessThan(1e-5);
      });
      actual.table.forEach((value, i) => {
        expect(Math.abs(value - expected.table[i]!)).toBeLessThan(1e-5);
      });
    }),
    // Odd, one, prime, and halves that are not whole.
    { numRuns: 4, examples: [[[1, 1, 1]], [[13, 6, 5]], [[9, 4, 7]]] },
  );
});

it('fine-tuning takes batches larger than the data, and chunks larger than the batch', async () => {
  const folder = temporaryFolder();
  const model = await openModelDirectory(await saveTinyModel(join(folder, 'model')));
  mkdirSync(join(folder, 'data/a b'), { recursive: true });
  for (const [i, path] of IMAGES.slice(0, 2).entries()) copyFileSync(path, join(folder, `data/a b/${i}.png`));
  const data = await imageFolder(join(folder, 'data'), { folderLabels: true });
  const settings = { freeze: [], steps: 2, learningRate: 1e-4, weightDecay: 0, warmupSteps: 0, seed: 0 };
  try {
    for (const [batch, chunk] of [
      [5, 3],
      [3, 8],
    ] as const) {
      const runDir = join(folder, `run-${batch}`);
      const run = await finetune(model, data, { ...settings, batch, chunk }, { runDir, saveEvery: 1 });
      expect(run).toMatchObject({ step: 2, finished: true });
    }
  } finally {
    await model.weights.close();
  }
});
