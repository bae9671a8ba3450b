import type { FloatDType } from '../../checkpoint/safetensors/castFloat.ts';
import { TensorOverflowError } from '../../checkpoint/safetensors/storedAs.ts';
import { messageOf } from '../../data/samples/badRead.ts';
import { type CliIo, note } from '../support/io.ts';

/**
 * Writes a trained model. Hours may lie behind it: where its type cannot hold the weights, it is written in float32, and
 * that is said; where it cannot be written at all, the run still holds the last state.
 * @param save writes in a type, or (undefined) in the one that was asked for
 * @returns the type that it has against the wish, if so
 */
export async function saveTrained(
  save: (instead?: FloatDType) => Promise<void>,
  runDir: string,
  io: CliIo,
): Promise<'float32' | undefined> {
  try {
    try {
      await save();
      return undefined;
    } catch (error) {
      if (!(error instanceof TensorOverflowError)) throw error;
      await save('float32');
      note(io, `${error.message}; the model was saved as float32 instead`);
      return 'float32';
    }
  } catch (cause) {
    throw new Error(
      `the model cannot be written: ${messageOf(cause)}; the training is done and kept in ${runDir}: repair that, and start the same command again`,
      { cause },
    );
  }
}
