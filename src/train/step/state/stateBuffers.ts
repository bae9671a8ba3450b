import type { ParameterTable } from '../../../nn/parameters.ts';
import type { Tensor } from '../../../tensor/index.ts';
import { allocate, type Buffers } from './buffers.ts';
import type { DoubleBuffer, SideIndex } from './doubleBuffer.ts';
import { assertUpToDate, stateArray, type TrainState } from './state.ts';
import { taking } from './takeArrays.ts';

/**
 * A state in memory: two sides that take turns, as the runtime must not write where it reads, and what stays. Several
 * training steps may share it.
 */
export interface StateBuffers {
  readonly sides: DoubleBuffer;
  /** The side that holds the state. */
  current: SideIndex;
  /** Frozen parameters, read where they are. */
  readonly frozen: Buffers;
}

/** The memory of a state that several steps train in turn. A layer that holds a part of it extends it. */
export interface SharedState {
  readonly dense: StateBuffers;
}

/** Whether a step starts from the memory of another, and not from a state of its own. */
export const isShared = (start: TrainState | SharedState): start is SharedState => 'dense' in start;

/** What a step does with each entry of a state. */
export interface StateUse {
  /** What it computes anew. */
  readonly next: Readonly<Record<string, Tensor>>;
  /** What it only reads. */
  readonly frozen: ParameterTable;
  /** Those of its `next` values, by name, that are no part of this state. */
  readonly own?: Readonly<Record<string, unknown>>;
}

const ofState = ({ next, own = {} }: StateUse): [string, Tensor][] =>
  Object.entries(next).filter(([name]) => !(name in own));

/**
 * The memory of the state that a step starts from.
 * @param owned whether a state's arrays become the buffers, so that no second copy is ever in memory. Else they are copied,
 * but for the frozen part, which is only read.
 * @throws Error when an entry is missing or has another shape, or steps that share a state differ in it
 */
export function shareBuffers(use: StateUse, start: TrainState | SharedState, owned = false): StateBuffers {
  if (!isShared(start)) return stateBuffers(use, start, owned);
  const { sides, frozen } = start.dense;
  assertSameEntries([...ofState(use), ...use.frozen], Object.entries({ ...sides[0], ...frozen }));
  return start.dense;
}

function stateBuffers(use: StateUse, state: TrainState, owned: boolean): StateBuffers {
  assertUpToDate(state);
  const fixed = [...use.frozen].map(([name, { shape }]) => [name, stateArray(state, name, shape)] as const);
  const take = taking(
    owned,
    fixed.map(([, array]) => array),
  );
  const changing = ofState(use);
  const first = changing.map(
    ([name, { shape }]) => [name, take(stateArray(state, name, shape as number[]))] as const,
  );
  return {
    sides: [Object.fromEntries(first), allocate(Object.fromEntries(changing))],
    current: 0,
    frozen: Object.fromEntries(fixed),
  };
}

type Shapes = Iterable<readonly [string, { readonly shape: readonly unknown[] }]>;

/** @throws Error naming an entry in which a step differs from what is shared with it */
export function assertSameEntries(wanted: Shapes, known: Shapes): void {
  const shapes = (entries: Shapes) => new Map([...entries].map(([name, { shape }]) => [name, shape.join()]));
  const [own, shared] = [shapes(wanted), shapes(known)];
  for (const name of new Set([...own.keys(), ...shared.keys()])) {
    if (own.get(name) !== shared.get(name))
      throw new Error(`objectives that share a state differ in ${name}: they must have the same parameters`);
  }
}

/** The state that buffers hold. */
export const stateOf = ({ sides, current, frozen }: StateBuffers): TrainState =>
  new Map(Object.entries({ ...frozen, ...sides[current] }));
