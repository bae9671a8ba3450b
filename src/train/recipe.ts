import type { ImagePreprocessing } from '../input/image/config.ts';
import type { ModelConfig } from '../model/config.ts';
import type { TrainState } from './step.ts';
import type { TrainPlan } from './trainer.ts';

/** One part of a run: its own batches, loss and schedule. It starts from the state that the part before ended with. */
export interface Stage {
  /** Names the stage's folder in the run. */
  readonly name: string;
  /** What to train; a function where it depends on what the stages before have learnt (empty: nothing). */
  readonly plan: TrainPlan | ((before: TrainState) => Promise<TrainPlan>);
}

/** Everything a run needs: what to train, and what to save beside the weights so that the model can be loaded. */
export interface PreparedRecipe {
  /** In order. Each may train other parameters; those that it does not train go through unchanged. */
  readonly stages: readonly [Stage, ...Stage[]];
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
  /** Content of tokenizer.json. */
  readonly tokenizerJson: unknown;
  /** Type of the saved weights. Default float32. */
  readonly saveAs?: 'float32' | 'float16';
}

export interface RecipeOptions {
  readonly seed: number;
  /** Overrides the number of steps of every stage. */
  readonly steps?: number;
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
  prepare(options: RecipeOptions): Promise<PreparedRecipe>;
}
