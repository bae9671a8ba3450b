import { type ModelConfig, modelConfigSchema } from '../../model/config.ts';
import type { SessionOptions } from '../../tensor/index.ts';
import { createRandom } from '../../tensor/random.ts';
import { sessionSchema } from '../../tensor/session.ts';
import {
  check,
  count,
  object,
  optional,
  seed as seedRule,
  settings as settingsOf,
} from '../../tensor/settings.ts';
import type { Select } from '../step/select.ts';
import type { TrainState } from '../step/state/state.ts';
import { activeCuration, type Score } from './activeCuration.ts';
import { createPairLosses } from './pairLosses.ts';
import { learnerScorer, type PairScorer } from './pairScorer.ts';
import { type CurationSettings, curationSchema } from './settings.ts';
import { teacherView } from './superBatch.ts';

export interface CurationOptions {
  /** Architecture of the model in training. */
  readonly learner: ModelConfig;
  /** NaFlex: patches per image of the learner's batches. */
  readonly length?: number;
  /** See {@link teacherScorer}. It stays the caller's. */
  readonly teacher: PairScorer;
  readonly settings: CurationSettings;
  readonly seed: number;
  readonly session?: SessionOptions;
}

const curationOptionsSchema = settingsOf<CurationOptions>({
  learner: modelConfigSchema,
  length: optional(count),
  teacher: object('a scorer, as teacherScorer gives it'),
  settings: curationSchema,
  seed: seedRule,
  session: optional(sessionSchema),
});

/** A training's `select`, and its memory. */
export interface Curation {
  readonly select: Select;
  dispose(): Promise<void>;
}

/**
 * Active curation for a training whose `batchAt` gives super-batches of `superBatchSize(batch, filterRatio)`
 * pairs and whose objective is built for `batch` of them.
 * @example
 * const config = variantConfig('B/16');
 * const settings = { ...CURATION_DEFAULTS, filterRatio: 0.5 };
 * const teacher = await teacherScorer('google/siglip2-so400m-patch16-256', settings);
 * const { select } = await createCuration({ learner: config, teacher, settings, seed: 0 });
 * // A training with this `select` is given super-batches of superBatchSize(32, 0.5) pairs.
 * const objective = contrastiveObjective(config, { images: 32, texts: 32 });
 */
export async function createCuration(options: CurationOptions): Promise<Curation> {
  check('curation', curationOptionsSchema, options);
  const { teacher, settings, seed, session } = options;
  const { scoringBatch, blockRows } = settings;
  const learner = await learnerScorer(options.learner, { scoringBatch, length: options.length, session });
  const losses = await createPairLosses(blockRows, session);
  const scoreWith =
    (state: TrainState): Score =>
    (superBatch, model) =>
      model === 'teacher' ? teacher.embed(teacherView(superBatch), state) : learner.embed(superBatch, state);
  return {
    select: (superBatch, state, step) =>
      activeCuration(superBatch, scoreWith(state), losses, settings, createRandom(seed, 'curation', step)),
    async dispose() {
      await Promise.all([learner.dispose(), losses.dispose()]);
    },
  };
}
