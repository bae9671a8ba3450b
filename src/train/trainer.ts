import { mkdir } from 'node:fs/promises';
import type { Arrays, SessionOptions } from '../tensor/index.ts';
import type { OptimizerConfig } from './optimizer.ts';
import { appendLog, truncateLog } from './runLog.ts';
import { latestState, saveState } from './runState.ts';
import { type Schedule, scheduleAt } from './schedule.ts';
import { type Select, selectAndRun } from './select.ts';
import {
  createTrainStep,
  initialState,
  type Objective,
  type StepResult,
  type TrainState,
  type TrainStep,
} from './step.ts';

/** What to train: everything that decides the result. */
export interface TrainPlan {
  readonly objective: Objective;
  readonly optimizer: OptimizerConfig;
  readonly schedule: Schedule;
  readonly seed: number;
  /** The batch of a step: a pure function of the step, so that a resumed run sees the same data. */
  readonly batchAt: (step: number) => Promise<Arrays> | Arrays;
  /** Chooses what is trained on from what `batchAt` gives, with the parameters of the moment. Default: all of it. */
  readonly select?: Select;
  /** Values that replace fresh ones at step 0, e.g. of a checkpoint that is fine-tuned. */
  readonly initial?: TrainState;
}

export interface TrainProgress extends StepResult {
  /** Updates done. */
  readonly step: number;
  readonly totalSteps: number;
  readonly stepsPerSecond: number;
  /** Seconds to the end at the present rate. */
  readonly eta: number;
  /** Share of the time in which the engine waited for data, 0 … 1. */
  readonly idle: number;
}

export interface TrainOptions {
  /** Holds the log and the saved states. */
  readonly runDir: string;
  /** Steps between saved states. */
  readonly saveEvery: number;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Stops after the step in flight, with everything saved. */
  readonly signal?: AbortSignal;
  readonly session?: SessionOptions;
}

export interface TrainResult {
  /** Updates done. */
  readonly step: number;
  readonly finished: boolean;
  /** The trained parameters and moments. */
  readonly state: TrainState;
}

/** The loss or the gradient is no number: names the step and the last state that is whole. */
export class TrainingDivergedError extends Error {
  override readonly name = 'TrainingDivergedError';
}

/**
 * Runs a plan to its end, continuing from the newest state in `runDir`. A run that is killed and started again gives
 * the same parameters, to the bit, as one that was not.
 * @throws TrainingDivergedError when the loss or the gradient norm is not finite.
 */
export async function train(plan: TrainPlan, options: TrainOptions): Promise<TrainResult> {
  const { runDir, saveEvery, signal } = options;
  await mkdir(runDir, { recursive: true });
  const { objective, optimizer, seed } = plan;
  const saved = await latestState(runDir);
  const state = saved?.state ?? initialState(objective, seed, plan.initial);
  const trainStep = await createTrainStep(objective, optimizer, state, options.session);
  try {
    const first = saved?.step ?? 0;
    await truncateLog(runDir, first);
    const step = await loop(plan, options, trainStep, first);
    if (step > first && (step % saveEvery !== 0 || signal?.aborted))
      await saveState(runDir, step, trainStep.state());
    return { step, finished: step >= plan.schedule.totalSteps, state: trainStep.state() };
  } finally {
    await trainStep.dispose();
  }
}

async function loop(
  plan: TrainPlan,
  options: TrainOptions,
  trainStep: TrainStep,
  first: number,
): Promise<number> {
  const { runDir, saveEvery, onProgress, signal } = options;
  const { totalSteps } = plan.schedule;
  const clock = createClock(first, totalSteps);
  let step = first;
  let next = step < totalSteps ? prepare(plan, step) : undefined;
  while (next && step < totalSteps && !signal?.aborted) {
    const batch = await clock.waiting(next);
    // The next batch is made while the engine, off the main thread, works on this one.
    const running = selectAndRun(trainStep, batch, step, scheduleAt(step, plan.schedule), plan.select);
    next = step + 1 < totalSteps ? prepare(plan, step + 1) : undefined;
    const result = await running;
    step++;
    assertFinite(result, step, runDir, Math.floor((step - 1) / saveEvery) * saveEvery);
    const progress = { step, totalSteps, ...result, ...clock.at(step) };
    await appendLog(runDir, logEntry(progress));
    onProgress?.(progress);
    if (step % saveEvery === 0) await saveState(runDir, step, trainStep.state());
  }
  await next?.catch(() => {});
  return step;
}

/** Never rejects unhandled: the error surfaces when the batch is awaited. */
function prepare(plan: TrainPlan, step: number): Promise<Arrays> {
  const batch = Promise.resolve().then(() => plan.batchAt(step));
  batch.catch(() => {});
  return batch;
}

const logEntry = ({ step, loss, gradientNorm, metrics, idle, stepsPerSecond }: TrainProgress) => ({
  step,
  loss,
  gradientNorm,
  ...metrics,
  stepsPerSecond: Number(stepsPerSecond.toFixed(4)),
  idle: Number(idle.toFixed(4)),
});

function assertFinite({ loss, gradientNorm }: StepResult, step: number, runDir: string, saved: number): void {
  if (Number.isFinite(loss) && Number.isFinite(gradientNorm)) return;
  const last =
    saved > 0 ? `the last good state is that of step ${saved} in ${runDir}` : 'no state was saved before it';
  throw new TrainingDivergedError(
    `step ${step}: loss ${loss}, gradient norm ${gradientNorm}; ${last}. Lower the learning rate or check the data.`,
  );
}

/** Rate, time to go and waiting share since the run (re)started. */
function createClock(first: number, totalSteps: number) {
  const start = performance.now();
  let waited = 0;
  return {
    async waiting<T>(work: Promise<T>): Promise<T> {
      const from = performance.now();
      const value = await work;
      waited += performance.now() - from;
      return value;
    },
    at(step: number) {
      const elapsed = performance.now() - start;
      const stepsPerSecond = ((step - first) / elapsed) * 1000;
      return { stepsPerSecond, eta: (totalSteps - step) / stepsPerSecond, idle: waited / elapsed };
    },
  };
}
