import type { DecoderDescription } from '../checkpoint/decoderConfig.ts';
import type { ImagePreprocessing } from '../input/image/config.ts';
import type { ModelConfig } from '../model/config.ts';
import type { TrainState } from './step.ts';
import type { Timeline } from './timeline/timeline.ts';
import type { TrainPlan } from './trainer.ts';

/** What is saved beside a model's weights, so that it can be loaded. */
export interface ModelFiles {
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
}

/** One part of a run: its own batches, loss and schedule, or its own part of a schedule. */
export interface Stage {
  /** Names the stage's folder in the run. */
  readonly name: string;
  /**
   * The earlier stage whose end it starts from: several from one make a fork. Default: the stage before it in the list.
   */
  readonly from?: string;
  /** What to train; a function where it depends on what the stages before have learnt (empty: nothing). */
  readonly plan: TrainPlan | ((before: TrainState) => Promise<TrainPlan>);
  /** Changes the state that it starts from, e.g. {@link adaptVision} for another resolution. A pure function. */
  readonly enter?: (before: TrainState) => TrainState;
  /** What a model is that ends here. Default: the recipe's. */
  readonly model?: ModelFiles;
}

/** Everything a run needs: what to train, and what to save beside the weights so that the model can be loaded. */
export interface PreparedRecipe extends ModelFiles {
  /**
   * In order, each after the one it starts from. Each may train other parameters; those that it does not train go
   * through unchanged. Where no other stage goes on, a model is saved.
   */
  readonly stages: readonly [Stage, ...Stage[]];
  /** Content of tokenizer.json. */
  readonly tokenizerJson: unknown;
  /** The decoder that the stages train with the model, to be saved beside it. Default: none is saved. */
  readonly decoder?: DecoderDescription;
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
  /** The run as data, for `--plan` to show without preparing anything. */
  readonly timeline?: Timeline;
  prepare(options: RecipeOptions): Promise<PreparedRecipe>;
}
