import type { NdArray } from '../../tensor/ndarray.ts';
import { CheckpointError, quote } from '../files/errors.ts';
import { castFloat, type FloatDType, NarrowingError } from './castFloat.ts';
import type { LazyTensor } from './writer.ts';

/** A tensor before its type is changed: its shape, and where its numbers come from. */
export interface Unconverted {
  readonly shape: readonly number[];
  load(): Promise<NdArray>;
}

/** How many of the tensors a message names. */
const NAMED = 5;

/**
 * Tensors have numbers that the type in which they are to be stored cannot hold: as float16 they would be infinite, and
 * the model's answers NaN. Nothing was written.
 */
export class TensorOverflowError extends CheckpointError {
  /** Names of all such tensors. */
  readonly tensors: readonly string[];

  constructor(target: string, dtype: FloatDType, overflows: ReadonlyMap<string, Error>, remedy: string) {
    const names = [...overflows.keys()];
    const shown = [...overflows].slice(0, NAMED).map(([name, { message }]) => `${quote(name)} (${message})`);
    const others = names.length - shown.length;
    const list = `${shown.join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
    super(target, `cannot be stored as ${dtype}: ${list}; use ${remedy}`);
    this.tensors = names;
  }
}

/** All tensors whose numbers do not fit. */
async function findOverflows(
  tensors: ReadonlyMap<string, Unconverted>,
  dtypeOf: (name: string) => FloatDType,
) {
  const overflows = new Map<string, NarrowingError>();
  for (const [name, { load }] of tensors) {
    try {
      castFloat(await load(), dtypeOf(name));
    } catch (error) {
      if (!(error instanceof NarrowingError)) throw error;
      overflows.set(name, error);
    }
  }
  return overflows;
}

/**
 * Tensors as a writer takes them, each converted when its turn comes. The first whose numbers do not fit ends the
 * writing with a {@link TensorOverflowError} that names it and all others like it.
 * @param target what is written, for that message
 * @param dtype the type of all, or of each by its name
 * @param instead the types that may be asked for instead, for that message
 */
export function storedAs(
  target: string,
  tensors: Iterable<readonly [string, Unconverted]>,
  dtype: FloatDType | ((name: string) => FloatDType),
  instead = 'bfloat16 or float32',
): Map<string, LazyTensor> {
  const all = new Map(tensors);
  const dtypeOf = typeof dtype === 'function' ? dtype : () => dtype;
  const convert = async (name: string, load: Unconverted['load']): Promise<NdArray> => {
    try {
      return castFloat(await load(), dtypeOf(name));
    } catch (error) {
      if (!(error instanceof NarrowingError)) throw error;
      throw new TensorOverflowError(target, error.dtype, await findOverflows(all, dtypeOf), instead);
    }
  };
  return new Map(
    [...all].map(([name, { shape, load }]) => [
      name,
      { dtype: dtypeOf(name), shape, load: () => convert(name, load) },
    ]),
  );
}
