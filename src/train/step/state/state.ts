import { initializeParameters } from '../../../nn/initialize.ts';
import type { ParameterTable } from '../../../nn/parameters.ts';
import { type NdArray, zeros } from '../../../tensor/index.ts';
import { type Trained, trainable } from '../../losses/objective.ts';
import { firstMoment, secondMoment } from '../optimizer/moments.ts';
import { momentNames } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';

/** Parameters, moments and carried values by name (see optimizer.ts for the moments' names). */
export type TrainState = Map<string, NdArray<'float32'>>;

/** What a step with an objective hands on: the names that its state has. */
export const stateNames = (objective: Trained, optimizer: AnyOptimizer): string[] => [
  ...objective.parameters.keys(),
  ...[...trainable(objective).keys()].flatMap((name) => momentNames(name, optimizer)),
  ...(objective.carried?.keys() ?? []),
];

/**
 * The whole state that an objective starts from: what is given, fresh values for the rest, zero moments for what is
 * trained. Only the rest is drawn, and what the objective does not use is left out. Arrays may be shared: between
 * `given` and the result, and between a parameter and a carried copy of it.
 * @throws Error when a carried value copies a parameter that does not exist
 * @example
 * const objective = contrastiveObjective(variantConfig('B/16'), { images: 8, texts: 8 });
 * const state = initialState(objective, 0);
 */
export function initialState(
  objective: Trained,
  seed: number,
  given: ReadonlyMap<string, NdArray<'float32'>> = new Map(),
): TrainState {
  const { parameters } = objective;
  const drawn = initializeParameters(without(parameters, given), seed);
  const state: TrainState = new Map();
  for (const name of parameters.keys()) state.set(name, (given.get(name) ?? drawn.get(name))!);
  for (const [name, { shape }] of trainable(objective)) {
    for (const moment of [firstMoment(name), secondMoment(name)])
      state.set(moment, given.get(moment) ?? zeros('float32', shape));
  }
  for (const [name, value] of carriedStart(objective, state, seed, given)) state.set(name, value);
  return state;
}

const without = (table: ParameterTable, given: ReadonlyMap<string, unknown>): ParameterTable =>
  new Map([...table].filter(([name]) => !given.has(name)));

function carriedStart(
  { carried = new Map() }: Trained,
  parameters: TrainState,
  seed: number,
  given: ReadonlyMap<string, NdArray<'float32'>>,
): TrainState {
  const start: TrainState = new Map();
  const fresh: ParameterTable = new Map();
  for (const [name, { tensor, initial }] of carried) {
    const known = given.get(name);
    if (known) start.set(name, known);
    else if (initial.kind !== 'copyOf') {
      fresh.set(name, { tensor, shape: tensor.shape as number[], initializer: initial });
    } else {
      const value = parameters.get(initial.parameter);
      if (!value)
        throw new Error(`${name} copies ${initial.parameter}, which is no parameter of the objective`);
      start.set(name, value);
    }
  }
  return new Map([...start, ...initializeParameters(fresh, seed)]);
}

/** An entry of a state. @throws Error when it is missing or has another shape than the model's */
export function stateArray(state: TrainState, name: string, shape: readonly number[]): NdArray<'float32'> {
  const source = state.get(name);
  if (!source) throw new Error(`the training state has no ${name}`);
  if (source.shape.join() !== shape.join()) {
    throw new Error(
      `${name} is [${source.shape.join(', ')}] in the state and [${shape.join(', ')}] in the model`,
    );
  }
  return source;
}

/**
 * Where a state whose tables have rows that are behind holds the updates that these have missed, oldest first, [n, 2]: rate
 * and ε of each (see sparse/behind.ts).
 */
export const PAST_UPDATES = 'past_updates';

/** @throws Error when rows of a state's tables have missed updates, for who would take them as they are */
export function assertUpToDate(state: TrainState): void {
  if (state.has(PAST_UPDATES))
    throw new Error('rows of the training state have missed updates: start from it with createStep');
}
