import type { DecoderDescription } from '../checkpoint/huggingFace/decoderConfig.ts';
import type { FloatDType } from '../checkpoint/safetensors/castFloat.ts';
import type { Tally } from '../data/samples/tally.ts';
import type { ImagePreprocessing } from '../input/image/preprocessing.ts';
import type { ModelConfig } from '../model/config.ts';
import type { SessionOptions } from '../tensor/index.ts';
import { type Training, totalSteps } from './run/training.ts';
import type { TrainState } from './step/state/state.ts';
import type { Timeline } from './timeline/timeline.ts';

/** What is saved beside a model's weights, so that it can be loaded. */
export interface ModelFiles {
  readonly config: ModelConfig;
  readonly preprocessor: ImagePreprocessing;
}

/** A plan that depends on what the stages before have learnt. */
export interface LateTraining {
  /** Updates of the plan: a stage that has done them is not planned again. */
  readonly steps: number;
  /** @param before the state that the stage starts from */
  make(before: TrainState): Promise<Training>;
}

/** Updates of a stage. */
export const stageSteps = ({ plan }: Stage): number => ('make' in plan ? plan.steps : totalSteps(plan));

/**
 * What a stage trains, made now where it depends on what was learnt.
 * @throws RangeError when a late plan has another number of updates than it said
 */
export async function trainingOf({ name, plan }: Stage, before: TrainState): Promise<Training> {
  if (!('make' in plan)) return plan;
  const made = await plan.make(before);
  if (totalSteps(made) !== plan.steps)
    throw new RangeError(`stage ${name} says ${plan.steps} steps, but its plan has ${totalSteps(made)}`);
  return made;
}

/** One part of a run: its own batches, loss and schedule, or its own part of a schedule. */
export interface Stage {
  /** Names the stage's folder in the run. */
  readonly name: string;
  /**
   * The earlier stage whose end it starts from: several from one make a fork. Default: the stage before it in the list.
   */
  readonly from?: string;
  /** What to train. */
  readonly plan: Training | LateTraining;
  /**
   * Changes the state that it starts from, e.g. {@link adaptVision} for another resolution. A pure function. The arrays
   * that it gives become the stage's own.
   */
  readonly enter?: (before: TrainState) => TrainState;
  /** Whether `enter` leaves all moments out. For what is planned. */
  readonly dropsMoments?: boolean;
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
  readonly saveAs?: FloatDType;
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
  /** The run as data, for `--plan` to show without preparing anything. */
  readonly timeline?: Timeline;
  prepare(options: RecipeOptions): Promise<PreparedRecipe>;
}
