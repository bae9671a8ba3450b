import { float32, type NdArray } from '../../../tensor/index.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import { stateArray, type TrainState } from '../state/state.ts';
import { BEHIND, BETAS, pastUpdates, readRowTable } from './behind.ts';
import type { PastUpdate } from './catchUp.ts';
import { allRows, catchUp } from './rowTable.ts';

/** Rows that are brought up to date at a time, where only their values are wanted: their moments need no room then. */
const BLOCK_ROWS = 8192;

/**
 * The values of some parameters as a model is made of them now, without a change to the state and without copies of
 * moments. What no table holds is shared with the state.
 * @param names of parameters
 * @param blockRows rows of a table whose moments are copied at a time
 */
export function caughtUpValues(
  state: TrainState,
  names: Iterable<string>,
  blockRows = BLOCK_ROWS,
): TrainState {
  const past = pastUpdates(state);
  const result: TrainState = new Map();
  for (const name of names) {
    const value = state.get(name);
    if (value)
      result.set(name, state.has(`${BEHIND}${name}`) ? caughtUpTable(state, name, past, blockRows) : value);
  }
  return result;
}

function caughtUpTable(
  state: TrainState,
  name: string,
  past: readonly PastUpdate[],
  blockRows: number,
): NdArray<'float32'> {
  const [beta1, beta2] = [...stateArray(state, BETAS, [2]).data];
  const [rows = 0, width = 0] = state.get(name)!.shape;
  const caught = new Float32Array(rows * width);
  for (let start = 0; start < rows; start += blockRows) {
    const count = Math.min(blockRows, rows - start);
    const part = (entry: string, each: number) => {
      const { data } = state.get(entry)!;
      const shape = each === 1 ? [count] : [count, each];
      return [entry, float32(shape, data.subarray(start * each, (start + count) * each))] as const;
    };
    const moments = [firstMoment(name), secondMoment(name)].map((entry) => part(entry, width));
    const block: TrainState = new Map([part(name, width), ...moments, part(`${BEHIND}${name}`, 1)]);
    const table = readRowTable(block, name, [count, width], past);
    catchUp(table, allRows(table), past, { beta1: beta1!, beta2: beta2! });
    caught.set(table.value.data, start * width);
  }
  return float32([rows, width], caught);
}
