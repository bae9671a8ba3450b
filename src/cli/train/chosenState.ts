import type { TrainResult } from '../../train/run/trainer.ts';
import { type CliIo, note } from '../support/io.ts';
import type { Keep } from './keep.ts';

/**
 * The state of a run that becomes its model, and the step that it is of. What a stage did not train goes through.
 * @throws CheckpointError when the best is damaged
 */
export async function chosenState({ step, state, best }: TrainResult, keep: Keep, io: CliIo) {
  if (keep === 'last' || !best || best.step >= step) return { step, state };
  const value = Number(best.value.toPrecision(4));
  note(
    io,
    `the model is that of step ${best.step}, the best on what is held out (${value}); --keep last takes that of step ${step}`,
  );
  return { step: best.step, state: new Map([...state, ...(await best.parameters())]) };
}
