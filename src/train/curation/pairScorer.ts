import { type ResolveOptions, resolving } from '../../checkpoint/hub/options.ts';
import { resolveModel } from '../../checkpoint/hub/resolveModel.ts';
import { openModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import type { LogitScalars } from '../../encoder/classify.ts';
import { sessionWeights } from '../../encoder/towers/sessionWeights.ts';
import type { ModelConfig } from '../../model/config.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import {
  type Arrays,
  compile,
  type NdArray,
  ndarray,
  type Session,
  type SessionOptions,
} from '../../tensor/index.ts';
import { sliceRows } from '../../tensor/rows.ts';
import { sessionSchema } from '../../tensor/session.ts';
import { check, count, optional, settings } from '../../tensor/settings.ts';
import type { TrainState } from '../step/state/state.ts';
import type { PairEmbeddings } from './pairLosses.ts';

/** A model that judges a super-batch. */
export interface PairScorer {
  /**
   * Embeds every pair; pair i is row i of the vision inputs and of `input_ids`. Other entries are not read.
   * @param state the learner's parameters; a teacher has its own
   */
  embed(superBatch: Arrays, state: TrainState): Promise<PairEmbeddings>;
  dispose(): Promise<void>;
}

export interface ScorerOptions {
  /** Pairs per run of the engine. */
  readonly scoringBatch: number;
  /** NaFlex: patches per image, padding included. Default: the model's own grid. */
  readonly length?: number;
  readonly session?: SessionOptions;
}

const scorerSchema = settings<ScorerOptions>({
  scoringBatch: count,
  length: optional(count),
  session: optional(sessionSchema),
});

const graphOf = (config: ModelConfig, length?: number) => {
  const model = twoTowers(config, { images: 'batch', texts: 'batch', length });
  return { model, outputs: { images: model.imageEmbeddings, texts: model.textEmbeddings } };
};

/** Embeds a super-batch part by part. */
async function embedPairs(
  session: Session,
  inputs: readonly string[],
  superBatch: Arrays,
  parameters: Arrays,
  scoringBatch: number,
): Promise<Pick<PairEmbeddings, 'images' | 'texts'>> {
  const missing = inputs.find((name) => !superBatch[name]);
  if (missing) throw new Error(`the super-batch has no ${missing}`);
  const count = superBatch['input_ids']!.shape[0]!;
  const parts: Record<string, NdArray>[] = [];
  for (let start = 0; start < count; start += scoringBatch) {
    const end = Math.min(start + scoringBatch, count);
    const batch = inputs.map((name) => [name, sliceRows(superBatch[name]!, start, end)] as const);
    parts.push(await session.run({ ...Object.fromEntries(batch), ...parameters }));
  }
  const join = (name: string) => {
    const arrays = parts.map((part) => part[name] as NdArray<'float32'>);
    const width = arrays[0]!.shape[1]!;
    const data = new Float32Array(count * width);
    let at = 0;
    for (const array of arrays) {
      data.set(array.data, at);
      at += array.data.length;
    }
    return ndarray('float32', [count, width], data);
  };
  return { images: join('images'), texts: join('texts') };
}

function stateValue(state: TrainState, name: string): NdArray<'float32'> {
  const value = state.get(name);
  if (!value)
    throw new Error(`the training state has no ${name}: the learner's configuration does not fit it`);
  return value;
}

/** The model in training, with the parameters of the moment. */
export async function learnerScorer(config: ModelConfig, options: ScorerOptions): Promise<PairScorer> {
  check('scorer', scorerSchema, options);
  const { model, outputs } = graphOf(config, options.length);
  const session = await compile({ outputs }, options.session);
  const inputs = Object.keys(model.inputs);
  // The two scalars are no part of the embeddings' graph.
  const parameters = session.inputs.map(({ name }) => name).filter((name) => !inputs.includes(name));
  return {
    async embed(superBatch, state) {
      const feeds = Object.fromEntries(parameters.map((name) => [name, stateValue(state, name)]));
      const pairs = await embedPairs(session, inputs, superBatch, feeds, options.scoringBatch);
      const scalar = (name: string) => stateValue(state, name).data[0]!;
      return { ...pairs, scalars: { logTemperature: scalar('logit_scale'), bias: scalar('logit_bias') } };
    },
    dispose: async () => {
      await session.dispose();
    },
  };
}

/**
 * A teacher from a checkpoint; the paper's is a So400m that was fine-tuned on curated data (§2.5).
 * @param nameOrDir a name on the Hugging Face hub or a directory in its layout
 * @throws Error when the model cannot be found or its files do not fit together.
 * @example
 * const teacher = await teacherScorer('google/siglip2-so400m-patch16-256', CURATION_DEFAULTS);
 */
export async function teacherScorer(
  nameOrDir: string,
  options: ScorerOptions & ResolveOptions,
): Promise<PairScorer> {
  const { scoringBatch, length, session: sessionOptions } = options;
  check('scorer', scorerSchema, { scoringBatch, length, session: sessionOptions });
  const { config, weights } = await openModelDirectory(await resolveModel(nameOrDir, resolving(options)));
  const scalar = async (name: string) => (await weights.readFloat32(name)).data[0]!;
  const scalars: LogitScalars = {
    logTemperature: await scalar('logit_scale'),
    bias: await scalar('logit_bias'),
  };
  const { model, outputs } = graphOf(config, options.length);
  const baked = await sessionWeights({ parameters: model.parameters, outputs }, weights);
  const session = await compile(
    { outputs, weights: baked.weights },
    { ...options.session, externalDataFolder: baked.externalDataFolder },
  );
  const inputs = Object.keys(model.inputs);
  return {
    embed: async (superBatch) => ({
      ...(await embedPairs(session, inputs, superBatch, {}, options.scoringBatch)),
      scalars,
    }),
    async dispose() {
      await session.dispose();
      await weights.close();
    },
  };
}
