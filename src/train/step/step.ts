import type { SessionOptions, Tensor } from '../../tensor/index.ts';
import { sessionRules } from '../../tensor/session.ts';
import { check, flag, optional, settings } from '../../tensor/settings.ts';
import { frozenParameters, type Objective } from '../losses/objective.ts';
import { missedStep, optimizerScalars } from './optimizer/optimizer.ts';
import { type AnyOptimizer, optimizerSchema } from './optimizer/rules.ts';
import { readReports } from './reports.ts';
import { findRowTables, readableOf } from './sparse/findTables.ts';
import { createRowFeeds, feedsOf } from './sparse/rowFeeds.ts';
import { rowUpdateGraph } from './sparse/rowGraph.ts';
import { allocate, allocateInputs, fill, prefixed } from './state/buffers.ts';
import { createPass, otherBuffer } from './state/doubleBuffer.ts';
import type { TrainState } from './state/state.ts';
import {
  assertShareable,
  currentState,
  resumableState,
  type StateBuffers,
  type StateUse,
  stateBuffers,
} from './state/stateBuffers.ts';
import type { TrainStep } from './trainStep.ts';
import { type UpdateGraph, updateGraph } from './updateGraph.ts';

export interface StepOptions extends SessionOptions {
  /**
   * Whether tables that are read by the batch's ids (the token table) are updated row by row: a step then touches the
   * rows of its batch, and the others take the updates that they missed, in closed form, when they are read next. The
   * result is that of the dense step up to rounding (about 1e-7), but not to the bit. When rows take what they missed is
   * part of the state that is saved, so that a resumed run ends in the same bits. Default: for tables of 64 MB and more of
   * which a batch reads at most a quarter.
   */
  readonly sparse?: boolean;
  /**
   * Whether the arrays of the state that it starts from become the step's own, which changes them: then there are never
   * two copies. Default: they are copied, but for frozen parameters.
   */
  readonly ownsInitial?: boolean;
}

export const stepSchema = settings<StepOptions>({
  ...sessionRules,
  sparse: optional(flag),
  ownsInitial: optional(flag),
});

/** The graph of a step, and what it does with the state. */
export interface StepGraph extends UpdateGraph, StateUse {
  /** Next values of the tables' rows and of their moments. */
  readonly rows: Readonly<Record<string, Tensor>>;
}

/** Plans a step: which tables are updated by rows, and the graph of one update. */
export function stepGraph(objective: Objective, optimizer: AnyOptimizer, sparse?: boolean): StepGraph {
  const tables = findRowTables(readableOf(objective), optimizer, sparse);
  const update =
    tables.length > 0 ? rowUpdateGraph(objective, optimizer, tables) : updateGraph(objective, optimizer);
  return { rows: {}, ...update, frozen: frozenParameters(objective), tables };
}

/**
 * Compiles forward, backward and update into one graph and binds its buffers.
 * @param initial the state to start from. It is copied (see {@link StepOptions.ownsInitial}), except for frozen
 * parameters, which are read where they are: leave those unchanged. Or the buffers of another step, to train one state with both in turn.
 * @throws Error naming an entry of the state that is missing or has a wrong shape
 */
export async function createDenseStep(
  objective: Objective,
  optimizer: AnyOptimizer,
  initial: TrainState | StateBuffers,
  stepOptions: StepOptions = {},
): Promise<TrainStep> {
  check('optimizer', optimizerSchema, optimizer);
  check('step', stepSchema, stepOptions);
  const { sparse, ownsInitial, ...options } = stepOptions;
  const graph = stepGraph(objective, optimizer, sparse);
  const { next, reported, scalars, tables, rows: nextRows } = graph;
  // A state that does not fit is refused before the graph is compiled.
  const buffers = 'sides' in initial ? initial : stateBuffers(graph, initial, ownsInitial);
  assertShareable(buffers, graph);
  const { sides, frozen, past } = buffers;
  const batch = allocateInputs(objective.inputs);
  const rows = tables.map((table) => createRowFeeds(table, batch, buffers, optimizer));
  const stepScalars = optimizerScalars(0, 0, optimizer);
  const reports = allocate(reported);
  const ofRows = feedsOf(rows);
  const pass = await createPass(
    { ...prefixed('next.', { ...next, ...nextRows }), ...prefixed('report.', reported) },
    sides,
    { ...batch, ...frozen, ...ofRows.rows, ...ofRows.places, [scalars]: stepScalars },
    (side) => ({
      ...prefixed('next.', { ...sides[otherBuffer(side)], ...ofRows.next }),
      ...prefixed('report.', reports),
    }),
    options,
  );
  return {
    async run(feeds, step, schedule) {
      fill(batch, feeds);
      for (const row of rows) row.take(batch);
      stepScalars.data.set(optimizerScalars(step, schedule, optimizer).data);
      await pass.run(buffers.current);
      buffers.current = otherBuffer(buffers.current);
      if (tables.length > 0) past.push(missedStep(step, schedule, optimizer));
      for (const row of rows) row.put();
      return readReports(reports);
    },
    state: () => currentState(buffers, optimizer),
    resumable: () => resumableState(buffers, optimizer),
    buffers,
    dispose: () => pass.dispose(),
  };
}
