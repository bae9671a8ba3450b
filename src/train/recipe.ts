import type { ImagePreprocessing } from '../input/image/config.ts';
import type { ModelConfig } from '../model/config.ts';
import type { TrainPlan } from './trainer.ts';

/** Everything a run needs: what to train, and what to save beside the weights so that the model can be loaded. */
export interface PreparedRecipe {
  readonly plan: TrainPlan;
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
  /** Content of tokenizer.json. */
  readonly tokenizerJson: unknown;
  /** Type of the saved weights. Default float32. */
  readonly saveAs?: 'float32' | 'float16';
}

export interface RecipeOptions {
  readonly seed: number;
  /** Overrides the recipe's number of steps. */
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
