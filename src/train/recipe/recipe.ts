import type { Tally } from '../../data/samples/tally.ts';
import type { IndexedSource } from '../../data/sources/source.ts';
import type { SessionOptions } from '../../tensor/index.ts';
import type { ScheduledEvaluator } from '../run/evaluation/scheduled.ts';
import type { TrainedModel } from '../run/saveModel.ts';
import type { Stage } from '../run/stage.ts';
import type { Timeline } from '../timeline/timeline.ts';

/** Everything a run needs: what to train, and what to save beside the weights so that the model can be loaded. */
export interface PreparedRecipe extends TrainedModel {
  /**
   * In order, each after the one it starts from. A stage may train some parameters only; the others pass through it
   * unchanged. A stage that no other continues ends in a model.
   */
  readonly stages: readonly [Stage, ...Stage[]];
  /** Counts the samples of the stages' batches, so that bad ones are reported. Default: no report. */
  readonly tally?: Tally;
  /**
   * Says what the recipe's data is (`identifySource`): a run is then not continued on other data. Default: any data is
   * accepted.
   */
  readonly dataIdentity?: string;
}

export interface RecipeOptions {
  readonly seed: number;
  /** Overrides the number of steps of every stage. */
  readonly steps?: number;
  /** Device and threads, if the recipe computes something itself (e.g. curation). Default: the CPU, all threads. */
  readonly session?: SessionOptions;
  /** Tells the user what is being prepared. */
  readonly log: (message: string) => void;
}

/** A training run as a module's default export: `siglip2 train recipes/emoji.ts`. */
export interface Recipe {
  readonly name: string;
  /** One sentence. */
  readonly description: string;
  /** Steps between saved states. */
  readonly saveEvery: number;
  /** The run as data, for `--cost` to show without preparing anything. */
  readonly timeline?: Timeline;
  /**
   * Evaluate the model while it is trained. Their numbers go to the log, TensorBoard and the report.
   * @example evaluators: [{ evaluator: zeroShot, options: async () => ({ data: await imageFolder('photos') }), every: 500 }]
   */
  readonly evaluators?: readonly ScheduledEvaluator[];
  /** The number of an evaluator that chooses the best state, e.g. `zero-shot/top1`. Default: `heldOut` of the stages. */
  readonly best?: string;
  /**
   * Pictures with captions of which the models are asked as they are trained: the page of the server shows what they say.
   * Default: those of the first evaluator that has `data`.
   * @example samples: () => imageFolder('photos')
   */
  readonly samples?: () => Promise<IndexedSource>;
  prepare(options: RecipeOptions): Promise<PreparedRecipe>;
}
