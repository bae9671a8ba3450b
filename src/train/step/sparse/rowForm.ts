import type { Trained } from '../../losses/objective.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import type { Inside } from '../trainStep.ts';
import { findRowTables, type Readable, type SparseTable } from './findTables.ts';

/** An objective that reads rows, `rows.<table>`, and the places of a batch's ids among them, `places.<table>.<ids>`. */
export interface OnRows<O> extends Pick<Inside, 'graph'> {
  readonly objective: O;
}

/** How rows stand for tables in one kind of objective. */
export interface RowForm<O extends Trained> {
  /** What is computed from which inputs: shows which tables are read by ids alone. */
  readable(objective: O): Readable;
  onRows(objective: O, optimizer: AnyOptimizer, tables: readonly SparseTable[]): OnRows<O>;
}

/**
 * An objective with rows in the place of the tables that are updated by rows; itself where there are none.
 * @param wanted `StepOptions.sparse`
 */
export function rowsForTables<O extends Trained>(
  form: RowForm<O>,
  objective: O,
  optimizer: AnyOptimizer,
  wanted?: boolean,
): OnRows<O> & { readonly tables: readonly SparseTable[] } {
  const tables = findRowTables(form.readable(objective), optimizer, wanted);
  return { tables, ...(tables.length > 0 ? form.onRows(objective, optimizer, tables) : { objective }) };
}
