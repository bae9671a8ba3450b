import { zeros } from '../../../tensor/index.ts';
import type { Trained } from '../../losses/objective.ts';
import { missedStep } from '../optimizer/optimizer.ts';
import type { AnyOptimizer } from '../optimizer/rules.ts';
import { fill } from '../state/buffers.ts';
import type { CreateStep, Inside, StepOptions, TrainStep } from '../trainStep.ts';
import { idsShape, type Readable, type SparseTable } from './findTables.ts';
import {
  bringUpToDate,
  type HeldTables,
  holdTables,
  resumableTables,
  type SharedTables,
} from './heldTables.ts';
import { createRowFeeds, type RowFeeds } from './rowFeeds.ts';
import { type RowForm, rowsForTables } from './rowForm.ts';

/**
 * A step around another whose large tables, of which a batch reads few rows (the token table: 256,000 × 768), are updated
 * by these rows. The step inside sees the rows as if they were the table; rows that a batch does not read take the updates
 * that they missed when they are read next, in closed form (see catchUp.ts). Without such tables it is the step inside.
 * @param rows how rows stand for tables in the objectives of the step inside
 */
export function withSparseTables<O extends Trained>(
  inner: CreateStep<O, Inside>,
  rows: RowForm<O>,
): CreateStep<O, StepOptions> {
  return async (objective, optimizer, start, { sparse, ...options } = {}) => {
    const { tables, objective: onRows, graph } = rowsForTables(rows, objective, optimizer, sparse);
    const { held, rest } = holdTables(tables, start, options.ownsInitial);
    if (tables.length === 0) return inner(objective, optimizer, rest, options);
    const ids = allocateIds(rows.readable(objective), tables);
    const feeds = tables.map((table) => createRowFeeds(table, ids, held, optimizer));
    const own = {
      feeds: merged(feeds.map((one) => one.own.feeds)),
      next: merged(feeds.map((one) => one.own.next)),
    };
    const step = await inner(onRows, optimizer, rest, { ...options, ...(graph && { graph }), own });
    return aroundStep(step, { ids, feeds, held, optimizer });
  };
}

interface Around {
  /** The batch's ids by which tables are read. */
  readonly ids: ReturnType<typeof allocateIds>;
  readonly feeds: readonly RowFeeds[];
  readonly held: HeldTables;
  readonly optimizer: AnyOptimizer;
}

function aroundStep(inner: TrainStep, { ids, feeds, held, optimizer }: Around): TrainStep {
  const places = merged(feeds.map((one) => one.places));
  const shared: SharedTables = { ...inner.shared, ...held };
  const resumable = () => new Map([...inner.resumable(), ...resumableTables(held, optimizer)]);
  return {
    async run(batch, step, schedule) {
      fill(ids, batch);
      for (const { take } of feeds) take(ids);
      const result = await inner.run({ ...batch, ...places }, step, schedule);
      held.past.push(missedStep(step, schedule, optimizer));
      for (const { put } of feeds) put();
      return result;
    },
    state() {
      bringUpToDate(held, optimizer);
      return resumable();
    },
    resumable,
    shared,
    dispose: () => inner.dispose(),
  };
}

/** Zeros for the ids of a whole batch by which tables are read. */
function allocateIds(readable: Readable, tables: readonly SparseTable[]) {
  const names = new Set(tables.flatMap(({ readings }) => readings.map(({ ids }) => ids)));
  return Object.fromEntries([...names].map((name) => [name, zeros('int32', idsShape(name, readable))]));
}

const merged = <T>(records: readonly Readonly<Record<string, T>>[]): Record<string, T> =>
  Object.fromEntries(records.flatMap((record) => Object.entries(record)));
