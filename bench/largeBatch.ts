/**
 * Trains the embedded model's architecture (models/emoji/config.json) on batches of 32,768 random pairs, in chunks:
 *
 *     npx tsx bench/largeBatch.ts [--batch 32768] [--chunk 256] [--steps 2] [--threads n] [--device cuda]
 *     npx tsx bench/largeBatch.ts --quick       1,024 pairs: shows that the measurement works
 *
 * Prints each step's loss, time and rate, the most memory so far beside the batch itself, and what was estimated, with
 * what a step without chunks would take.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parseConfig } from '../src/checkpoint/huggingFace/config.ts';
import { type Arrays, DEVICES, float32, int32 } from '../src/tensor/index.ts';
import { createRandom } from '../src/tensor/random.ts';
import { stepFlops, stepMemory } from '../src/train/cost/stepCost.ts';
import { chunkedContrastiveObjective } from '../src/train/losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../src/train/losses/sigmoid/contrastive.ts';
import { createStep } from '../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../src/train/step/optimizer/config.ts';
import { initialState } from '../src/train/step/state/state.ts';

const positive = z.coerce.number().int().positive();
const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    batch: { type: 'string' },
    chunk: { type: 'string' },
    steps: { type: 'string' },
    threads: { type: 'string' },
    device: { type: 'string' },
  },
});
const batch = positive.parse(values.batch ?? (values.quick ? 1024 : 32_768));
const chunk = positive.parse(values.chunk ?? 256);
const steps = positive.parse(values.steps ?? 2);
const threads = positive.optional().parse(values.threads);
const device = z.enum(DEVICES).optional().parse(values.device);

const path = new URL('../models/emoji/config.json', import.meta.url);
const config = parseConfig(JSON.parse(readFileSync(path, 'utf8')));
const { vision, text } = config;
if (vision.kind !== 'fixed') throw new Error('the benchmark trains a fixed-resolution tower');
const { channels, imageSize: side } = vision;

/** Random pixels and tokens: neither time nor memory depends on what they show. */
function randomBatch(): Arrays {
  const random = createRandom(0, 'large batch');
  const pixels = new Float32Array(batch * channels * side ** 2);
  for (let i = 0; i < pixels.length; i++) pixels[i] = 2 * random.next() - 1;
  const tokens = Int32Array.from({ length: batch * text.length }, () =>
    Math.floor(text.vocabSize * random.next()),
  );
  const ids = int32(
    [batch],
    Int32Array.from({ length: batch }, (_, i) => i),
  );
  return {
    pixel_values: float32([batch, channels, side, side], pixels),
    input_ids: int32([batch, text.length], tokens),
    image_ids: ids,
    text_ids: ids,
  };
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`;
const size = { images: batch, texts: batch };
const objective = chunkedContrastiveObjective(config, size, {
  images: Math.min(chunk, batch),
  texts: Math.min(2 * chunk, batch),
});
const estimated = stepMemory(objective, PAPER_OPTIMIZER);
const whole = stepMemory(contrastiveObjective(config, size), PAPER_OPTIMIZER);
const flops = stepFlops(objective);
console.log(
  `${batch} pairs, ${chunk} images a chunk: estimated ${gigabytes(estimated.total - estimated.batch)} beside the batch's ` +
    `${gigabytes(estimated.batch)} (without chunks ${gigabytes(whole.total - whole.batch)}), ` +
    `${(flops / 1e12).toFixed(2)} Tflop a step`,
);
const feeds = randomBatch();
const before = process.memoryUsage.rss();
const step = await createStep(objective, PAPER_OPTIMIZER, initialState(objective, 0), {
  threads,
  device,
});
for (let i = 0; i < steps; i++) {
  const from = performance.now();
  const { loss, gradientNorm } = await step.run(feeds, i, 0.1);
  const seconds = (performance.now() - from) / 1000;
  const peak = process.resourceUsage().maxRSS * 1024 - before;
  console.log(
    `step ${i + 1}: loss ${loss.toFixed(4)}, gradient norm ${gradientNorm.toFixed(3)}, ${seconds.toFixed(1)} s, ` +
      `${(batch / seconds).toFixed(1)} pairs/s, ${(flops / seconds / 1e9).toFixed(1)} GFLOP/s, ` +
      `most memory beside the batch ${gigabytes(peak)}`,
  );
}
await step.dispose();
