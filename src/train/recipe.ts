import type { Tally } from '../data/samples/tally.ts';
import type { SessionOptions } from '../tensor/index.ts';
import type { ScheduledEvaluator } from './run/evaluation/scheduled.ts';
import type { TrainedModel } from './run/saveModel.ts';
import type { Stage } from './run/stage.ts';
import type { Timeline } from './timeline/timeline.ts';

/** Everything a run needs: what to train, and what to save beside the weights so that the model can be loaded. */
export interface PreparedRecipe extends TrainedModel {
  /**
   * In order, each after the one it starts from. Each may train other parameters; those that it does not train go
   * through unchanged. Where no other stage goes on, a model is saved.
   */
  readonly stages: readonly [Stage, ...Stage[]];
  /** Into which the stages' batches count samples, to report the bad ones. Default: none are reported. */
  readonly tally?: Tally;
  /**
   * What the recipe's data is, of `identifySource`: a run is not continued on other data. Default: whatever data the
   * recipe gives is taken.
   */
  readonly dataIdentity?: string;
}

export interface RecipeOptions {
  readonly seed: number;
  /** Overrides the number of steps of every stage. */
  readonly steps?: number;
  /** What computes, for what a recipe computes itself (e.g. curation). Default: the CPU, all threads. */
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
   * What evaluates the model as it is trained: its numbers stand in the log, TensorBoard and the report.
   * @example evaluators: [{ evaluator: zeroShot, options: async () => ({ data: await imageFolder('photos') }), every: 500 }]
   */
  readonly evaluators?: readonly ScheduledEvaluator[];
  /** A number of the evaluators that chooses the best state, e.g. `zero-shot/top1`. Default: what the stages measure. */
  readonly best?: string;
  prepare(options: RecipeOptions): Promise<PreparedRecipe>;
}
