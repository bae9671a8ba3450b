/**
 * A recipe of two updates a stage on random numbers at the released width, to hold estimated memory to measured: see
 * `measure.ts`. What differs is in an environment variable (see memoryCase.ts).
 */
import { variantConfig } from '../../src/model/variants.ts';
import { type Arrays, type NdArray, sizeOf, zeros } from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { drawMaskedPositions } from '../../src/train/losses/selfSupervision/maskedPositions.ts';
import { paperSelfSupervision } from '../../src/train/losses/selfSupervision/settings.ts';
import type { Recipe } from '../../src/train/recipe/recipe.ts';
import type { Training } from '../../src/train/run/training.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import { stageObjective } from '../../src/train/timeline/stageObjective.ts';
import type { LossName, StageSpec, Timeline } from '../../src/train/timeline/timeline.ts';
import { type BatchRequest, timelineRun } from '../../src/train/timeline/timelineRun.ts';
import { CASE_VARIABLE, caseSchema, type MemoryCase } from './memoryCase.ts';

const LOSSES: Readonly<Record<MemoryCase['losses'], readonly LossName[]>> = {
  sigmoid: ['sigmoid'],
  'sigmoid+locca': ['sigmoid', 'locca'],
  all: ['sigmoid', 'locca', 'selfDistillation', 'maskedPrediction'],
};

function timelineOf({ losses, resolutions, vocabulary, batch, layers, prototypes }: MemoryCase): Timeline {
  const { vision, text } = variantConfig('google/siglip2-base-patch16-256');
  if (vision.kind !== 'fixed') throw new Error('the model has one resolution');
  const { hiddenSize, intermediateSize, heads, layerNormEps } = vision;
  const blocks = layers ?? vision.layers;
  const [first, ...rest] = resolutions.map(
    (resolution, i): StageSpec => ({
      name: `stage${i}-${resolution}`,
      ...(i > 0 && { from: `stage${i - 1}-${resolutions[i - 1]}` }),
      extent: { kind: 'share', start: i / resolutions.length, end: (i + 1) / resolutions.length },
      losses: LOSSES[losses],
      images: { kind: 'fixed', resolution, patchSize: vision.patchSize },
    }),
  );
  return {
    name: 'memory',
    model: {
      vision: { hiddenSize, intermediateSize, heads, layerNormEps, layers: blocks },
      text: { ...text, vocabSize: vocabulary, layers: blocks },
    },
    examples: 2 * batch * resolutions.length,
    batch,
    warmupSteps: 0,
    optimizer: PAPER_OPTIMIZER,
    selfSupervision: paperSelfSupervision(vision, 'base', prototypes === undefined ? {} : { prototypes }),
    stages: [first!, ...rest],
  };
}

/** Numbers that a step takes: which they are decides neither time nor memory. */
function randomArray(name: string, zero: NdArray, vocabulary: number): NdArray {
  const random = createRandom(0, name);
  const count = sizeOf(zero.shape);
  if (name === 'masked_positions') return zero;
  for (let i = 0; i < count; i++)
    zero.data[i] =
      zero.dtype === 'float32'
        ? random.next()
        : name.endsWith('_ids') && !/^(image|text)_/.test(name)
          ? random.int(vocabulary)
          : i;
  return zero;
}

function randomBatch(timeline: Timeline, { stage, step, images }: BatchRequest): Arrays {
  const { inputs } = stageObjective(timeline, stage.spec, { images });
  const arrays = Object.entries(inputs).map(([name, { dtype, shape }]) => {
    const zero = zeros(dtype, shape as number[]);
    return [name, randomArray(name, zero, timeline.model.text.vocabSize)] as const;
  });
  const { resolution, patchSize } = stage.spec.images as { resolution: number; patchSize: number };
  const masked = inputs['masked_positions'] && {
    masked_positions: drawMaskedPositions(createRandom(step, 'mask'), images, (resolution / patchSize) ** 2),
  };
  return { ...Object.fromEntries(arrays), ...masked };
}

/** A start that costs no time to draw: small numbers, the same again and again. */
function trainingWithStart(training: Training): Training {
  const random = createRandom(0, 'start');
  const numbers = Float32Array.from({ length: 65_537 }, () => 0.02 * random.normal());
  const start = ({ shape }: { shape: readonly number[] }): NdArray<'float32'> => {
    const array = zeros('float32', [...shape]);
    for (let at = 0; at < array.data.length; at += numbers.length)
      array.data.set(numbers.subarray(0, array.data.length - at), at);
    return array;
  };
  const parameters = [...training.objective.parameters];
  return { ...training, initial: async () => new Map(parameters.map(([name, one]) => [name, start(one)])) };
}

const timeline = timelineOf(caseSchema.parse(JSON.parse(process.env[CASE_VARIABLE] ?? '{}')));

const recipe: Recipe = {
  name: 'memory',
  description: 'Two updates a stage on random numbers.',
  saveEvery: 1000,
  timeline,
  async prepare({ seed }) {
    const stages = timelineRun(timeline, { batchAt: (request) => randomBatch(timeline, request) }, { seed });
    const [first, ...rest] = stages;
    const training = trainingWithStart(first.training as Training);
    const { config, preprocessor } = stages.at(-1)!.model!;
    return { stages: [{ ...first, training }, ...rest], config, preprocessor, tokenizerJson: {} };
  },
};
export default recipe;
