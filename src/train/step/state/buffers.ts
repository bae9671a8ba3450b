import { type Arrays, type NdArray, type Session, type Tensor, zeros } from '../../../tensor/index.ts';
import { stateArray, type TrainState } from './state.ts';

/** float32 arrays by name. */
export type Buffers = Record<string, NdArray<'float32'>>;

/** Zeros of the tensors' shapes. */
export const allocate = (tensors: Readonly<Record<string, Tensor>>): Buffers =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }]) => [name, zeros('float32', shape as number[])]),
  );

/** Zeros of the tensors' types, for a batch. */
export const allocateInputs = (tensors: Readonly<Record<string, Tensor>>): Record<string, NdArray> =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { dtype, shape }]) => [name, zeros(dtype, shape as number[])]),
  );

/** Copies a state's entries into the buffers of the same names. */
export function copyInto(target: Buffers, state: TrainState): void {
  for (const [name, array] of Object.entries(target))
    array.data.set(stateArray(state, name, array.shape).data);
}

/** Copies a batch into the buffers that it was compiled for. @throws Error naming an input that does not fit */
export function fill(buffers: Readonly<Record<string, NdArray>>, feeds: Arrays): void {
  for (const [name, buffer] of Object.entries(buffers)) {
    const feed = feeds[name];
    if (!feed) throw new Error(`the batch has no ${name}`);
    if (feed.dtype !== buffer.dtype || feed.shape.join() !== buffer.shape.join()) {
      throw new Error(
        `batch input ${name} is ${feed.dtype}[${feed.shape.join(', ')}], the step was built for ` +
          `${buffer.dtype}[${buffer.shape.join(', ')}]`,
      );
    }
    // Same dtype, so the same kind of array: TypeScript cannot relate the two unions.
    (buffer.data as Float32Array).set(feed.data as Float32Array);
  }
}

/** Entries of a record under names with a prefix. */
export const prefixed = <T>(prefix: string, record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [`${prefix}${name}`, value]));

/** Those arrays that the graph reads: not every frozen or carried value reaches an output. */
export const read = (session: Session, arrays: Arrays): Arrays =>
  Object.fromEntries(session.inputs.flatMap(({ name }) => (arrays[name] ? [[name, arrays[name]]] : [])));
