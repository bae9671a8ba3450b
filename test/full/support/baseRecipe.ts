import { join } from 'node:path';
import { readJson } from '../../../src/checkpoint/files/json.ts';
import {
  adaptVision,
  chunkedContrastiveObjective,
  contrastiveObjective,
  createTally,
  frozenBy,
  imageFolder,
  indexedStream,
  loadTokenizer,
  type ModelConfig,
  naflexPreprocessing,
  openModelDirectory,
  PAPER_OPTIMIZER,
  type PairBatchShape,
  pairBatches,
  type Recipe,
  type Stage,
  type TrainState,
  variantConfig,
  withCaptionIds,
  withoutMoments,
} from '../../../src/index.ts';

/** The model to start from, and the folder of pictures. */
export const START_VARIABLE = 'SIGLIP2_FULL_START';
export const DATA_VARIABLE = 'SIGLIP2_FULL_DATA';

const PAIRS = 4;
const NAFLEX = variantConfig('google/siglip2-base-patch16-naflex');

/** All parameters of a model, to go on from. */
async function stateOf(path: string): Promise<TrainState> {
  const { weights } = await openModelDirectory(path);
  const state: TrainState = new Map();
  for (const name of weights.tensors.keys()) state.set(name, await weights.readFloat32(name));
  await weights.close();
  return state;
}

const optimizer = { ...PAPER_OPTIMIZER, learningRate: 1e-4 };

/**
 * B/16 with 256,000 pieces, in chunks that do not divide the batch, and NaFlex from it: two steps of each unless others
 * are asked for. The token table stays as it is, so that a state has 2 GB and not 4.5.
 */
const recipe: Recipe = {
  name: 'base',
  description: 'Two stages at the size of a released checkpoint.',
  saveEvery: 1,
  async prepare({ seed, steps = 2 }) {
    const start = process.env[START_VARIABLE]!;
    const { config, preprocessor, tokenizerPath, weights } = await openModelDirectory(start);
    await weights.close();
    const tally = createTally();
    const tokenizer = await loadTokenizer(tokenizerPath!, { length: config.text.length });
    const stream = indexedStream(await imageFolder(process.env[DATA_VARIABLE]!, { folderLabels: true }), {
      seed,
    });
    const batches = (shape: PairBatchShape) => {
      const source = pairBatches(stream, { seed, tokenizer, shape, tally });
      return async (step: number) => withCaptionIds((await source.batchAt(step)).arrays);
    };
    const schedule = { totalSteps: steps, warmupSteps: 0 };
    const shape = { images: PAIRS, texts: PAIRS };
    const common = { optimizer, schedule, seed };
    const fixed: Stage = {
      name: 'fixed',
      training: {
        ...common,
        objective: {
          ...chunkedContrastiveObjective(config, shape, { images: 3, texts: 3 }),
          frozen: frozenBy(['embeddings']),
        },
        batchAt: batches({ images: PAIRS, preprocessing: preprocessor }),
        initial: () => stateOf(start),
      },
    };
    const naflex: ModelConfig = { ...config, vision: NAFLEX.vision };
    const flexible: Stage = {
      name: 'naflex',
      from: 'fixed',
      model: { config: naflex, preprocessor: naflexPreprocessing(16, 256) },
      enter: (state) => withoutMoments(adaptVision(state, config.vision, naflex.vision)),
      training: {
        ...common,
        objective: {
          ...contrastiveObjective(naflex, { ...shape, length: 256 }),
          frozen: frozenBy(['text']),
        },
        batchAt: batches({ images: PAIRS, preprocessing: naflexPreprocessing(16, 256) }),
      },
    };
    return {
      config,
      preprocessor,
      tokenizerJson: await readJson(join(start, 'tokenizer.json')),
      saveAs: 'bfloat16',
      stages: [fixed, flexible],
      tally,
    };
  },
};

export default recipe;
