/**
 * Run as a process of its own by expectPlanned.ts: trains some steps and prints how far resident memory rose above what
 * it was before, and what was planned. The peak is the kernel's own record.
 */
import type { ModelConfig } from '../../../src/model/config.ts';
import { type Arrays, zeros } from '../../../src/tensor/index.ts';
import { stepMemory } from '../../../src/train/cost/stepCost.ts';
import type { Objective } from '../../../src/train/losses/objective.ts';
import { chunkedContrastiveObjective } from '../../../src/train/losses/sigmoid/chunkedContrastive.ts';
import { contrastiveObjective } from '../../../src/train/losses/sigmoid/contrastive.ts';
import { createStep } from '../../../src/train/step/createStep.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { initialState } from '../../../src/train/step/state/state.ts';

const tower = { hiddenSize: 128, intermediateSize: 512, heads: 4, layerNormEps: 1e-6 };
const config: ModelConfig = {
  vision: {
    kind: 'fixed',
    ...tower,
    layers: 4,
    imageSize: 48,
    patchSize: 8,
    channels: 3,
    numPatches: 36,
    useHead: true,
  },
  text: { ...tower, layers: 2, vocabSize: 500, length: 16, projectionSize: 128 },
};

/** Images in the batch, and in a chunk: 0 for a step without chunks. */
const [BATCH, CHUNK] = process.argv.slice(2).map(Number) as [number, number];

const blank = ({ inputs }: Objective): Arrays =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, { dtype, shape }]) => [name, zeros(dtype, shape as number[])]),
  );

async function steps(batch: number, chunk: number): Promise<number> {
  const size = { images: batch, texts: batch };
  const whole = contrastiveObjective(config, size);
  const objective =
    chunk > 0
      ? chunkedContrastiveObjective(config, size, { images: chunk, texts: chunk, logits: 2 ** 15 })
      : whole;
  const step = await createStep(objective, PAPER_OPTIMIZER, initialState(objective, 0), { threads: 1 });
  const feeds = blank(whole);
  for (let i = 0; i < 2; i++) await step.run(feeds, i, 1);
  await step.dispose();
  return stepMemory(objective, PAPER_OPTIMIZER).total;
}

// The runtime, the compiler and the caches are there before what is measured.
await steps(1, Math.min(CHUNK, 1));
const before = process.memoryUsage.rss();
const planned = await steps(BATCH, CHUNK);
console.log(JSON.stringify({ growth: process.resourceUsage().maxRSS * 1024 - before, planned }));
