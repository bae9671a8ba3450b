import type { Tensor } from '../../../tensor/index.ts';
import type { ChunkedObjective } from '../../losses/chunkedObjective.ts';
import { frozenParameters } from '../../losses/objective.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { onRows, readableTowers } from '../sparse/chunkedTables.ts';
import { findRowTables } from '../sparse/findTables.ts';
import { type RowInputs, rowInputs, splitNext } from '../sparse/rowInputs.ts';
import type { StateUse } from '../state/stateBuffers.ts';
import type { UpdateGraph } from '../updateGraph.ts';
import { gradientUpdate } from './updatePass.ts';

/** What a step in chunks computes, and what it does with the state. */
export interface ChunkedGraph {
  /** The objective, with rows in the place of tables that are updated by rows. */
  readonly objective: ChunkedObjective;
  readonly stands: readonly RowInputs[];
  /** The update alone, from the summed gradients. */
  readonly update: UpdateGraph;
  /** Next values of the tables' rows and of their moments. */
  readonly rows: Readonly<Record<string, Tensor>>;
  readonly use: StateUse;
}

/** @param sparse as for the step (see `StepOptions`) */
export function chunkedGraph(
  whole: ChunkedObjective,
  optimizer: AnyOptimizer,
  sparse?: boolean,
): ChunkedGraph {
  const tables = findRowTables(readableTowers(whole), optimizer, sparse);
  const stands = tables.map(rowInputs);
  const objective = tables.length > 0 ? onRows(whole, stands) : whole;
  const update = gradientUpdate(objective, optimizer);
  const { next, rows } = splitNext(update.next, stands);
  return { objective, stands, update, rows, use: { next, frozen: frozenParameters(whole), tables } };
}
