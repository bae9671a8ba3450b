import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pairBatches } from '../../src/data/batches/pairBatches.ts';
import { filePositions } from '../../src/data/batches/positions.ts';
import type { Sample } from '../../src/data/samples/sample.ts';
import { createTally } from '../../src/data/samples/tally.ts';
import { writeShards } from '../../src/data/shards/writeShards.ts';
import { webdataset } from '../../src/data/sources/webdataset/webdataset.ts';
import { languageMixture } from '../../src/data/streams/languages.ts';
import { sampleStream } from '../../src/data/streams/sampleStream.ts';
import { fixedPreprocessing } from '../../src/input/image/preprocessing.ts';
import type { ParameterTable } from '../../src/nn/parameters.ts';
import { input, matmul, mul, reshape, scalar, sumSquares } from '../../src/tensor/index.ts';
import { int32 } from '../../src/tensor/ndarray.ts';
import type { Objective } from '../../src/train/losses/objective.ts';
import { train } from '../../src/train/run/trainer.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import { picture, temporaryFolder } from './pictures.ts';

const folder = temporaryFolder();
const IMAGES = 4;
const SIDE = 8;
const STEPS = 6;

/** A loss that is quick to compile and depends on every pixel: the size of a linear map of the images. */
function smallPixels(): Objective {
  const values = 3 * SIDE * SIDE;
  const weight = input('head.weight', 'float32', [values, 2]);
  const pixels = input('pixel_values', 'float32', [IMAGES, 3, SIDE, SIDE]);
  const parameters: ParameterTable = new Map([
    ['head.weight', { tensor: weight, shape: [values, 2], initializer: { kind: 'normal', std: 0.1 } }],
  ]);
  const loss = mul(sumSquares(matmul(reshape(pixels, [IMAGES, values]), weight)), scalar(1 / IMAGES));
  return { parameters, inputs: { pixel_values: pixels }, loss, metrics: {} };
}

/** Two shards of nine pictures; every fifth is cut short, every third is captioned in German. */
async function shards() {
  const samples = await Promise.all(
    Array.from({ length: 18 }, async (_, i): Promise<Sample> => {
      const whole = await picture(i);
      const image = i % 5 === 4 ? whole.subarray(0, 50) : whole;
      return {
        key: `${i}`,
        source: 's',
        image,
        captions: [{ text: `colour ${i}`, language: i % 3 ? 'en' : 'de' }],
      };
    }),
  );
  await writeShards(samples, { folder, maxSamples: 9 });
  return await webdataset(join(folder, 'shard-{000000..000001}.tar'), { name: 's' });
}

describe('training from shards', () => {
  it('ends in the same bits when it was stopped and started again in between', async () => {
    const source = await shards();
    let bad = 0;

    /** As a new process would: nothing is shared but the run's folder. */
    async function run(name: string, stopAt?: number) {
      const runDir = join(folder, name);
      const stream = languageMixture(sampleStream(source, { seed: 1, windowSamples: 5 }), {
        english: 0.5,
        unknown: 'other',
      });
      const tally = createTally({ maxRate: 0.5 });
      const batches = pairBatches(stream, {
        seed: 1,
        tokenizer: { encodeBatch: (texts) => int32([texts.length, 1], new Int32Array(texts.length)) },
        shape: { images: IMAGES, preprocessing: fixedPreprocessing(SIDE) },
        positions: await filePositions(join(runDir, 'positions.jsonl'), stream.identity, 2),
        tally,
      });
      const stop = new AbortController();
      const result = await train(
        {
          objective: smallPixels(),
          optimizer: { ...PAPER_OPTIMIZER, learningRate: 1e-2 },
          schedule: { totalSteps: STEPS, warmupSteps: 1 },
          seed: 1,
          async batchAt(step) {
            const { pixel_values } = (await batches.batchAt(step)).arrays;
            return { pixel_values: pixel_values! };
          },
        },
        {
          runDir,
          saveEvery: 2,
          signal: stop.signal,
          onProgress: ({ step }) => {
            if (step === stopAt) stop.abort();
          },
        },
      );
      await batches.close();
      bad += tally.report().bad;
      return result;
    }

    const whole = await run('whole');
    expect(whole.finished).toBe(true);
    // Some of the pictures in the stream were bad on the way.
    expect(bad).toBeGreaterThan(0);
    expect((await run('broken', 3)).finished).toBe(false);
    const resumed = await run('broken');
    expect(resumed.finished).toBe(true);
    for (const [name, { data }] of whole.state) expect(resumed.state.get(name)!.data, name).toEqual(data);
  });
});
