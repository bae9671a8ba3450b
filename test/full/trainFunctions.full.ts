import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../../src/checkpoint/files/json.ts';
import {
  ACID_OPTIMIZER,
  availableMemory,
  bestState,
  CURATION_DEFAULTS,
  chooseChunk,
  chunkCost,
  chunkedContrastiveObjective,
  contrastiveObjective,
  createCuration,
  drawLengths,
  drawMaskedPositions,
  finetune,
  finetuneObjective,
  fixedPreprocessing,
  type IndexedSource,
  imageFolder,
  indexedStream,
  LOCCA_FORMAT,
  loadTokenizer,
  locca,
  loccaDecoderConfig,
  machineMemory,
  openDecoder,
  openModelDirectory,
  PAPER_NAFLEX,
  PAPER_OPTIMIZER,
  paperSelfSupervision,
  paperTimeline,
  positionAt,
  readMeasurements,
  type Stage,
  saveFinetuned,
  saveTrainedModel,
  scheduleAt,
  selfSupervision,
  sigmoidLoss,
  stageCosts,
  stageModel,
  stageObjective,
  stageSchedules,
  stepFlops,
  stepMemory,
  superBatchSize,
  type Timeline,
  type TrainState,
  takeRunFolder,
  teacherScorer,
  timelineBatches,
  timelineCosts,
  timelineRun,
  train,
  trainStages,
  variantConfig,
  vocabularyCrossEntropy,
  withCaptionIds,
  writeReport,
} from '../../src/index.ts';
import { compile, float32, input, int32, reshape, sum, zeros } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { latestState, readLog } from '../../src/train/index.ts';
import { startingState } from '../../src/train/step/state/startingState.ts';
import { releasedModel } from './releasedModel.ts';
import { classFolder, workFolder } from './support/pictures.ts';

const folder = workFolder();
const HALF = { variant: 'base-patch16-224', dtype: 'bfloat16' } as const;
const BASE = variantConfig('google/siglip2-base-patch16-224');
let images: IndexedSource;

beforeAll(async () => {
  await classFolder(join(folder, 'data'), 2);
  images = await imageFolder(join(folder, 'data'), { folderLabels: true });
});

const random = createRandom(1, 'full size');
/** A prime: no row of a matrix begins with the numbers of another. */
const POOL = 1_048_573;
/** Normal numbers; a large array repeats its first million. */
const noise = (shape: readonly number[], scale = 1) => {
  const array = zeros('float32', shape);
  const { data } = array;
  for (let i = 0; i < data.length; i++) data[i] = i < POOL ? scale * random.normal() : data[i - POOL]!;
  return array;
};

describe('plans', () => {
  it('of all released sizes are finite and grow with the model', () => {
    const costs = [
      'base-patch16-224',
      'large-patch16-256',
      'so400m-patch14-384',
      'giant-opt-patch16-384',
    ].map((name) => {
      const objective = contrastiveObjective(variantConfig(`google/siglip2-${name}`), {
        images: 8,
        texts: 8,
      });
      const { total, parameters } = stepMemory(objective, PAPER_OPTIMIZER);
      return [total, parameters, stepFlops(objective)];
    });
    for (const [i, cost] of costs.entries())
      for (const [j, value] of cost.entries()) expect(value).toBeGreaterThan(i === 0 ? 0 : costs[i - 1]![j]!);
    const cached = chunkedContrastiveObjective(BASE, { images: 60, texts: 60 }, { images: 7, texts: 7 });
    const whole = contrastiveObjective(BASE, { images: 60, texts: 60 });
    expect(stepMemory(cached, PAPER_OPTIMIZER).total).toBeLessThan(stepMemory(whole, PAPER_OPTIMIZER).total);
    expect(stepFlops(cached)).toBeGreaterThan(stepFlops(whole));
  });

  it('of fine-tuning fit what is free', () => {
    const model = { config: BASE, preprocessor: fixedPreprocessing(224) };
    const settings = { batch: 60, freeze: [], learningRate: 1e-5, weightDecay: 0 };
    expect(availableMemory()).toBeGreaterThan(0);
    expect(machineMemory().total).toBeGreaterThan(availableMemory());
    const chosen = chooseChunk(model, settings, 12e9);
    expect(chosen.fits).toBe(true);
    expect(chunkCost(model, settings, chosen.chunk, 12e9)).toEqual(chosen);
    const { parameters } = finetuneObjective(model, { batch: 60, chunk: 7, freeze: ['image'] });
    expect(parameters.size).toBeGreaterThan(300);
  });

  it('of the paper’s timeline', () => {
    const timeline = paperTimeline('base');
    const stages = stageSchedules(timeline);
    expect(timelineCosts(timeline, 0, 2).map(({ name }) => name)).toEqual(
      stages.map(({ spec }) => spec.name),
    );
    expect(superBatchSize(64, 0.5)).toBe(128);
    expect(scheduleAt(0, { totalSteps: 10, warmupSteps: 0 })).toBe(1);
    expect(positionAt(5, { steps: 10, from: 0, to: 20 })).toBe(10);
    expect(drawLengths(PAPER_NAFLEX, 100, timeline.batch, 1).steps).toBeGreaterThanOrEqual(100);
    const [spec] = timeline.stages;
    expect(stageModel(timeline, spec).config.text.vocabSize).toBe(256_000);
    const objective = stageObjective(timeline, timeline.stages[1]!, { images: 2 });
    expect(Object.keys(objective.metrics)).toEqual(
      expect.arrayContaining(['sigmoid', 'locca', 'selfDistillation']),
    );
  });
});

describe('losses', () => {
  it('over 256,000 pieces is that of a plain softmax', async () => {
    const [rows, width, pieces] = [4, 768, 256_000];
    const names = { hidden: [rows, width], kernel: [pieces, width], bias: [pieces] } as const;
    const [hidden, kernel, bias] = Object.entries(names).map(([name, shape]) =>
      input(name, 'float32', shape),
    );
    const targets = input('targets', 'int32', [rows]);
    const inputs = { hidden: hidden!, kernel: kernel!, bias: bias!, targets };
    const session = await compile({ outputs: { losses: vocabularyCrossEntropy(inputs) } });
    const feeds = {
      hidden: noise([rows, width]),
      kernel: noise([pieces, width], 0.03),
      bias: noise([pieces], 0.1),
    };
    const wanted = Int32Array.of(0, 1, 255_999, 7);
    const { losses } = await session.run({ ...feeds, targets: int32([rows], wanted) });
    await session.dispose();
    const logits = new Float64Array(pieces);
    for (let piece = 0; piece < pieces; piece++) {
      let value = feeds.bias.data[piece]!;
      for (let i = 0; i < width; i++)
        value += feeds.hidden.data[2 * width + i]! * feeds.kernel.data[piece * width + i]!;
      logits[piece] = value;
    }
    const normaliser = Math.log(logits.reduce((total, value) => total + Math.exp(value), 0));
    expect(losses!.data[2]).toBeCloseTo(normaliser - logits[255_999]!, 3);
  });

  it('of 1,024 pairs is that of the definition', async () => {
    const [count, width] = [1024, 768];
    const tensors = {
      images: input('images', 'float32', [count, width]),
      texts: input('texts', 'float32', [count, width]),
      logitScale: input('scale', 'float32', [1]),
      logitBias: input('bias', 'float32', [1]),
    };
    const session = await compile({ outputs: { loss: reshape(sigmoidLoss(tensors), [1]) } });
    const [rowsA, rowsB] = [noise([count, width], 0.03), noise([count, width], 0.03)];
    const { loss } = await session.run({
      images: rowsA,
      texts: rowsB,
      scale: float32([1], [2]),
      bias: float32([1], [-5]),
    });
    await session.dispose();
    let expected = 0;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let dot = 0;
        for (let k = 0; k < width; k++) dot += rowsA.data[i * width + k]! * rowsB.data[j * width + k]!;
        expected += Math.log1p(Math.exp((i === j ? -1 : 1) * (Math.exp(2) * dot - 5))) / count;
      }
    }
    expect(Number(loss!.data[0]) / expected).toBeCloseTo(1, 3);
  });
});

const quiet = { saveEvery: 100 } as const;

describe('training B/16', () => {
  it('by functions, the text tower alone, and saving it as float16', async () => {
    const model = await openModelDirectory(await releasedModel(HALF));
    const settings = { freeze: ['image', 'embeddings'], batch: 5, chunk: 2, steps: 1, seed: 0 } as const;
    const rates = { learningRate: 1e-4, weightDecay: 0, warmupSteps: 0 };
    const runDir = join(folder, 'finetune');
    const heldOut = {
      every: 1,
      measure: async (parameters: TrainState) => parameters.get('logit_scale')!.data[0]!,
    };
    const options = { ...quiet, runDir, heldOut };
    const { state } = await finetune(model, images, { ...settings, ...rates }, options);
    const best = (await bestState(runDir))!;
    expect(await readMeasurements(runDir)).toEqual([{ step: 1, value: best.value }]);
    expect((await latestState(runDir))!.state.get('logit_bias')).toEqual(state.get('logit_bias'));
    expect((await readLog(runDir)).map(({ step }) => step)).toContain(1);
    expect((await best.parameters()).get('logit_bias')).toEqual(state.get('logit_bias'));
    await saveFinetuned(join(folder, 'tuned'), model, state, 'float16');
    const tuned = await openModelDirectory(join(folder, 'tuned'));
    expect(tuned.weights.tensors.get('text_model.embeddings.token_embedding.weight')!.dtype).toBe('float16');
    await Promise.all([tuned.weights.close(), model.weights.close()]);
    expect(await writeReport(runDir)).toBe(join(runDir, 'report.html'));
  });

  it('with curation by a teacher of the same size', async () => {
    const path = await releasedModel(HALF);
    const settings = { ...CURATION_DEFAULTS, filterRatio: 0.5, chunks: 2, scoringBatch: 2, blockRows: 4 };
    const teacher = await teacherScorer(path, settings);
    const curation = await createCuration({ learner: BASE, teacher, settings, seed: 1 });
    const model = await openModelDirectory(path);
    try {
      const pixels = noise([4, 3, 224, 224]);
      const ids = int32([4], [0, 1, 2, 3]);
      const texts = int32(
        [4, 64],
        Int32Array.from({ length: 4 * 64 }, () => random.int(256_000)),
      );
      const batch = { pixel_values: pixels, input_ids: texts, image_ids: ids, text_ids: ids };
      const chosen = await curation.select(batch, await startingState(model), 0);
      expect(chosen.batch['pixel_values']!.shape[0]).toBe(2);
    } finally {
      await curation.dispose();
      await teacher.dispose();
      await model.weights.close();
    }
  });

  it('by self-distillation and masked prediction', async () => {
    if (BASE.vision.kind !== 'fixed') throw new Error('B/16-224 has one resolution');
    const { vision } = BASE;
    const settings = paperSelfSupervision(vision, 'base');
    const objective = selfSupervision(vision, 1, settings);
    const batchAt = () =>
      Object.fromEntries(
        Object.entries(objective.inputs).map(([name, { shape, dtype }]) => {
          const sizes = shape as number[];
          if (dtype === 'float32') return [name, noise(sizes)];
          const masks = drawMaskedPositions(
            random,
            sizes[0]!,
            vision.numPatches,
            settings.maskedPrediction.ratio,
          );
          expect(masks.shape).toEqual(sizes);
          return [name, masks];
        }),
      );
    const runDir = join(folder, 'self');
    const lock = await takeRunFolder(runDir);
    await expect(takeRunFolder(runDir)).rejects.toThrow(/belongs to process/);
    const losses: number[] = [];
    await train(
      { objective, optimizer: ACID_OPTIMIZER, schedule: { totalSteps: 1, warmupSteps: 0 }, seed: 0, batchAt },
      { ...quiet, runDir, lock, onProgress: ({ loss }) => losses.push(loss) },
    );
    await lock.release();
    expect(losses).toHaveLength(1);
    expect(losses.every(Number.isFinite)).toBe(true);
  });

  it('with a decoder of 256,000 pieces, by a timeline, saved beside the model', async () => {
    const paper = paperTimeline('base');
    const pretraining = {
      ...paper.stages[0],
      extent: { kind: 'share', start: 0, end: 1 },
      images: { kind: 'fixed', resolution: 224, patchSize: 16 },
    } as const;
    const timeline: Timeline = { ...paper, batch: 2, examples: 4, warmupSteps: 0, stages: [pretraining] };
    const source = await releasedModel(HALF);
    const model = await openModelDirectory(source);
    const tokenizer = await loadTokenizer(model.tokenizerPath!, { length: 64 });
    const batches = timelineBatches(timeline, {
      seed: 1,
      steps: 1,
      streamOf: () => indexedStream(images, { seed: 1 }),
      tokenizer,
    });
    const data = {
      batchAt: async (request: Parameters<typeof batches.batchAt>[0]) =>
        withCaptionIds(await batches.batchAt(request)),
    };
    const [stage] = timelineRun(timeline, data, { seed: 1, steps: 1 });
    expect(stageCosts([stage])[0]!.flops).toBeGreaterThan(1e12);
    if ('make' in stage.training) throw new Error('a timeline is planned at once');
    // The decoder's layers learn, from the model as it is: a whole state would have 16 GB.
    const frozen = (name: string) => !name.startsWith('decoder.layers');
    const plan = {
      ...stage.training,
      objective: { ...stage.training.objective, frozen },
      initial: () => startingState(model),
    };
    const only: Stage = { ...stage, training: plan };
    const recipe = {
      config: BASE,
      preprocessor: fixedPreprocessing(224),
      tokenizerJson: await readJson(join(source, 'tokenizer.json')),
      saveAs: 'bfloat16',
      decoder: { config: loccaDecoderConfig(BASE), format: LOCCA_FORMAT },
      stages: [only],
    } as const;
    const target = join(folder, 'with-decoder');
    const result = await trainStages([only], {
      ...quiet,
      runDir: join(folder, 'timeline'),
      onModel: (_stage, _index, { state }: { state: TrainState }) => saveTrainedModel(target, recipe, state),
    });
    expect(result.finished).toBe(true);
    await batches.close();
    await model.weights.close();
    const decoder = (await openDecoder(target, BASE))!;
    expect(decoder.config.vocabSize).toBe(256_000);
    await decoder.weights.close();
    expect(existsSync(join(target, 'model.safetensors'))).toBe(true);
  });
});

it('LocCa’s loss alone reads the tokens of any tower', () => {
  const config = loccaDecoderConfig(BASE);
  const tokens = input('tokens', 'float32', [1, 196, 768]);
  const { inputs, loss } = locca({ tokens }, config, { tasks: ['captioning'] });
  expect(Object.keys(inputs)).toContain('decoder_ids');
  expect(sum(loss).shape).toEqual([]);
});
