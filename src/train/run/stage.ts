import type { ModelFiles } from '../../checkpoint/huggingFace/directory.ts';
import { callback, settings, wholeNumber } from '../../tensor/settings.ts';
import type { TrainState } from '../step/state/state.ts';
import { type Training, totalSteps } from './training.ts';

/** One part of a run: its own batches, loss and schedule, or its own part of a schedule. */
export interface Stage {
  /** Names the stage's folder in the run. */
  readonly name: string;
  /**
   * The earlier stage whose end it starts from: several from one make a fork. Default: the stage before it in the list.
   */
  readonly from?: string;
  /** What to train. */
  readonly training: Training | LateTraining;
  /**
   * Changes the state that it starts from, e.g. {@link adaptVision} for another resolution. A pure function. The arrays
   * that it gives become the stage's own.
   */
  readonly enter?: (before: TrainState) => TrainState;
  /** Whether `enter` leaves all moments out. For the estimate of memory. */
  readonly dropsMoments?: boolean;
  /** What a model is that ends here. Default: the recipe's. */
  readonly model?: ModelFiles;
}

/** A training that depends on what the stages before have learnt. */
export interface LateTraining {
  /** Its updates: a stage that has done them is not made again. */
  readonly steps: number;
  /** @param before the state that the stage starts from */
  make(before: TrainState): Promise<Training>;
}

export const lateTrainingSchema = settings<LateTraining>({ steps: wholeNumber, make: callback() });

/**
 * Updates of a stage.
 * @example
 * const training = {
 *   objective: contrastiveObjective(variantConfig('B/16'), { images: 2, texts: 2 }),
 *   optimizer: PAPER_OPTIMIZER,
 *   schedule: { totalSteps: 100, warmupSteps: 10 },
 *   seed: 0,
 *   batchAt: () => ({}),
 * };
 * console.log(stageSteps({ name: 'all', training })); // 100
 */
export const stageSteps = ({ training }: Stage): number =>
  'make' in training ? training.steps : totalSteps(training);

/**
 * What a stage trains, made now where it depends on what was learnt.
 * @throws RangeError when a late training has another number of updates than it said
 */
export async function trainingOf({ name, training }: Stage, before: TrainState): Promise<Training> {
  if (!('make' in training)) return training;
  const made = await training.make(before);
  if (totalSteps(made) !== training.steps)
    throw new RangeError(
      `stage ${name} says ${training.steps} steps, but its training has ${totalSteps(made)}`,
    );
  return made;
}
