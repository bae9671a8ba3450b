import { byteWidth, sizeOf } from '../../../tensor/ndarray.ts';
import type { TrainState } from '../../step/state/state.ts';
import { type Training, totalSteps } from '../training.ts';
import { createBestKeeper } from './keepBest.ts';

/** Whether the model is measured after a step of a training. */
const isMeasured = (training: Training, step: number): boolean =>
  training.heldOut !== undefined && (step % training.heldOut.every === 0 || step === totalSteps(training));

/**
 * What measures a training's model after a step, where that is due and not known from before.
 * @param resumable the state of the moment
 */
export async function createMeasuring(
  training: Training,
  runDir: string,
  first: number,
  resumable: () => TrainState,
): Promise<(step: number) => Promise<void>> {
  const { heldOut, objective } = training;
  if (!heldOut) return async () => {};
  const keeper = await createBestKeeper(runDir, heldOut, [...objective.parameters.keys()], first);
  return async (step) => {
    if (isMeasured(training, step)) await keeper.measure(step, resumable());
  };
}

/** What the best model takes on disk while a better one replaces it; nothing where none is kept. */
export function bestBytes({ heldOut, objective }: Training): number {
  if (!heldOut) return 0;
  const numbers = [...objective.parameters.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return 2 * byteWidth('float32') * numbers;
}
