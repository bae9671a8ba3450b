import type { Tensor } from '../../../tensor/index.ts';
import type { CachedObjective } from '../../losses/chunkedObjective.ts';
import { frozenParameters } from '../../losses/objective.ts';
import type { OptimizerConfig } from '../optimizer/chain.ts';
import { onRows, readableTowers } from '../sparse/chunkedTables.ts';
import { findRowTables } from '../sparse/findTables.ts';
import { type Stand, splitNext, standFor } from '../sparse/rowInputs.ts';
import type { StateUse } from '../state/stateBuffers.ts';
import type { UpdateGraph } from '../updateGraph.ts';
import { gradientUpdate } from './updatePass.ts';

/** What a step in chunks computes, and what it does with the state. */
export interface CachedPlan {
  /** The objective, with rows in the place of tables that are updated by rows. */
  readonly objective: CachedObjective;
  readonly stands: readonly Stand[];
  /** The update alone, from the summed gradients. */
  readonly update: UpdateGraph;
  /** Next values of the tables' rows and of their moments. */
  readonly rows: Readonly<Record<string, Tensor>>;
  readonly use: StateUse;
}

/** @param rowSparse as for the step (see `StepOptions`) */
export function cachedPlan(
  whole: CachedObjective,
  optimizer: OptimizerConfig,
  rowSparse?: boolean,
): CachedPlan {
  const tables = findRowTables(readableTowers(whole), optimizer, rowSparse);
  const stands = tables.map(standFor);
  const objective = tables.length > 0 ? onRows(whole, stands) : whole;
  const update = gradientUpdate(objective, optimizer);
  const { next, rows } = splitNext(update.next, stands);
  return { objective, stands, update, rows, use: { next, frozen: frozenParameters(whole), tables } };
}
