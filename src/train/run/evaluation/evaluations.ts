import { caughtUpValues } from '../../step/sparse/caughtUpValues.ts';
import type { TrainState } from '../../step/state/state.ts';
import type { HeldOut } from '../best/keepBest.ts';
import type { LogEntry } from '../log/log.ts';
import type { Evaluated } from './scheduled.ts';

/** What evaluates the model of a stage as it is trained. */
export interface Evaluations {
  /** Whether anything is evaluated after a step. */
  isDue(step: number, total: number): boolean;
  /**
   * Evaluates all that is due.
   * @param parameters those that the stage trains; they belong to the trainer: read them, don't keep them
   */
  run(parameters: TrainState, step: number, total: number): Promise<Evaluated>;
  /** Measures by a metric of the evaluators, where one chooses the best state. */
  readonly heldOut?: HeldOut;
}

/** Evaluates the stages of a run. */
export interface StageEvaluations<Stage> {
  /**
   * @param rest what the model of the stage has beside what it trains
   * @param trained names of what it trains
   * @returns undefined where the model is not whole yet
   */
  of(stage: Stage, rest: TrainState, trained: Iterable<string>): Evaluations | undefined;
}

/** Whether a line of the log holds numbers of evaluators: such a line has no loss. */
export const isEvaluation = (entry: LogEntry): boolean => entry['evaluationSeconds'] !== undefined;

/** The line of the log for what evaluators gave. */
export const evaluationEntry = ({ step, metrics, seconds }: Evaluated): LogEntry => ({
  step,
  ...metrics,
  evaluationSeconds: Number(seconds.toFixed(3)),
  time: Date.now() / 1000,
});

export interface EvaluatingOptions {
  readonly evaluations: Evaluations | undefined;
  /** Names of the parameters that are trained. */
  readonly names: readonly string[];
  readonly total: number;
  /** What was logged before, up to the step that the run goes on from. */
  readonly logged: readonly LogEntry[];
  /** The state of the moment. */
  readonly resumable: () => TrainState;
  readonly add: (evaluated: Evaluated) => Promise<void>;
}

/** What evaluates the model after a step, where that is due and its numbers are not in the log from before. */
export function createEvaluating(options: EvaluatingOptions): (step: number) => Promise<void> {
  const { evaluations, names, total, logged, resumable, add } = options;
  const known = new Set(logged.filter(isEvaluation).map(({ step }) => step));
  return async (step) => {
    if (!evaluations?.isDue(step, total) || known.has(step)) return;
    await add(await evaluations.run(caughtUpValues(resumable(), names), step, total));
    known.add(step);
  };
}
