import { basename } from 'node:path';
import type { Arrays } from '../../tensor/index.ts';
import {
  callback,
  check,
  count,
  object,
  optional,
  type Rules,
  settings,
  text,
  wholeNumber,
} from '../../tensor/settings.ts';
import type { StepResult } from '../step/reports.ts';
import { type Select, selectAndRun } from '../step/select.ts';
import { initialState, type TrainState } from '../step/state/state.ts';
import { createStepSwitch, type StepSwitch } from '../step/stepSwitch.ts';
import { type StepOptions, stepSchema } from '../step/trainStep.ts';
import { type BestState, bestState } from './best/keepBest.ts';
import { bestBytes, createMeasuring } from './best/measuring.ts';
import { assertFinite } from './diverged.ts';
import { createEvaluating, type Evaluations, evaluationEntry } from './evaluation/evaluations.ts';
import { type Evaluated, onEvaluationRule } from './evaluation/scheduled.ts';
import { assertRoom, inRunFolder, type RunLock, writing } from './folder.ts';
import { createClock } from './log/clock.ts';
import type { LogEntry } from './log/log.ts';
import { openRunRecord, type RunRecord } from './record.ts';
import { KEPT_STATES, latestState, savedSteps, saveState, setAside, statePath } from './states.ts';
import {
  factorAt,
  givesInitialAway,
  initialOf,
  type Training,
  totalSteps,
  trainingNotice,
  trainingSchema,
  updatesBefore,
} from './training.ts';

export interface TrainProgress extends StepResult {
  /** Updates done. */
  readonly step: number;
  readonly totalSteps: number;
  readonly learningRate: number;
  readonly stepsPerSecond: number;
  /** Seconds to the end at the present rate. */
  readonly eta: number;
  /** Share of the time in which the engine waited for data, 0 … 1. */
  readonly idle: number;
  /** See {@link Trained.notice}. */
  readonly notice?: string;
}

export interface TrainOptions {
  /** Holds the log, TensorBoard's event file and the saved states. */
  readonly runDir: string;
  /** Steps between saved states. */
  readonly saveEvery: number;
  readonly onProgress?: (progress: TrainProgress) => void;
  /** Evaluates the model as it is trained; it changes no bit of the training. Default: nothing does. */
  readonly evaluations?: Evaluations;
  /** Told of the numbers of evaluations. */
  readonly onEvaluation?: (evaluated: Evaluated) => void;
  /** Told what a person should know, e.g. that the newest state was damaged and an older one is used. */
  readonly onNotice?: (message: string) => void;
  /** Stops after the step in flight, with everything saved. */
  readonly signal?: AbortSignal;
  readonly session?: StepOptions;
  /** Updates before the training's first, which TensorBoard's steps count on from. Default 0. */
  readonly updatesOnLine?: number;
  /** The caller's hold on `runDir`. Default: the folder is taken, and given back at the end. */
  readonly lock?: RunLock;
  /** Path of the state that the training's initial one was read from, for the message of a run that diverges. */
  readonly startedFrom?: string;
}

/** The rule of each field, for options that have them among others. */
export const trainOptionRules: Rules<TrainOptions> = {
  runDir: text,
  saveEvery: count,
  onProgress: optional(callback()),
  evaluations: optional(object('what evaluates')),
  onEvaluation: onEvaluationRule,
  onNotice: optional(callback()),
  signal: optional(object('an AbortSignal')),
  session: optional(stepSchema),
  updatesOnLine: optional(wholeNumber),
  lock: optional(object('a hold on a run folder')),
  startedFrom: optional(text),
};

const trainOptionsSchema = settings<TrainOptions>(trainOptionRules);

export interface TrainResult {
  /** Updates done. */
  readonly step: number;
  readonly finished: boolean;
  /** The trained parameters and moments. */
  readonly state: TrainState;
  /** The best model so far, where the training measures (see {@link Training.heldOut}). */
  readonly best?: BestState;
}

/**
 * Runs a training to its end, continuing from the newest sound state in `runDir`. A run that is killed and started again gives
 * the same parameters, to the bit, as one that was not, on the same kind of processor with as many threads.
 * @throws TrainingDivergedError when the loss or the gradient norm is not finite.
 * @throws CheckpointError when states are saved and none of them is sound.
 * @throws RunFolderError when `runDir` cannot be written, another process trains in it, or its disk is too full; what was
 * saved stays.
 * @example
 * const pixels = float32([2, 256, 768], new Float32Array(2 * 256 * 768));
 * const result = await train(
 *   {
 *     objective: contrastiveObjective(variantConfig('B/16'), { images: 2, texts: 2 }),
 *     optimizer: PAPER_OPTIMIZER,
 *     schedule: { totalSteps: 100, warmupSteps: 10 },
 *     seed: 0,
 *     batchAt: () => ({ pixel_values: pixels, input_ids: int32([2, 64], new Int32Array(128)) }),
 *   },
 *   { runDir: 'out/run', saveEvery: 50 },
 * );
 */
export async function train(training: Training, options: TrainOptions): Promise<TrainResult> {
  check('training', trainingSchema, training);
  check('options', trainOptionsSchema, options);
  return inRunFolder(options.runDir, options.lock, (lock) => trainIn(training, { ...options, lock }));
}

interface LockedOptions extends TrainOptions {
  readonly lock: RunLock;
}

async function trainIn(training: Training, options: LockedOptions): Promise<TrainResult> {
  const { runDir, saveEvery, signal } = options;
  const { first, steps } = await start(training, options);
  try {
    const record = await openRunRecord(runDir, first, options.updatesOnLine ?? 0);
    const inspect = await createInspecting(training, options, record, first, steps);
    // Where a run was stopped between saving and measuring.
    if (first > 0) await inspect(first);
    const step = await loop(training, options, { steps, record, first, inspect });
    if (step > first && (step % saveEvery !== 0 || signal?.aborted))
      await save(training, options, step, steps);
    const finished = step >= totalSteps(training);
    if (finished) await inspect(step);
    const best = training.heldOut && (await bestState(runDir));
    return { step, finished, state: steps.state(), ...(best && { best }) };
  } finally {
    await steps.dispose();
  }
}

/** What evaluates and measures the model after a step, where that is due and not known from before. */
async function createInspecting(
  training: Training,
  options: LockedOptions,
  record: RunRecord,
  first: number,
  steps: StepSwitch,
): Promise<(step: number) => Promise<void>> {
  const { runDir, evaluations, onEvaluation } = options;
  const measure = await createMeasuring(training, runDir, first, steps.resumable);
  const evaluate = createEvaluating({
    evaluations,
    names: [...training.objective.parameters.keys()],
    total: totalSteps(training),
    logged: record.before,
    resumable: steps.resumable,
    async add(evaluated) {
      await writing(
        'the log',
        () => lastGood(options),
        () => record.add(evaluationEntry(evaluated)),
      );
      onEvaluation?.(evaluated);
    },
  });
  return async (step) => {
    await evaluate(step);
    await measure(step);
  };
}

/**
 * Objectives that share a state must agree which tables are updated by rows, which each would decide by its batch.
 * @param read whether the state was read from the disk
 */
const stepOptions = (training: Training, { session = {} }: TrainOptions, read: boolean): StepOptions => ({
  ...(training.objectiveAt && { sparse: false }),
  ...session,
  ownsInitial: read || givesInitialAway(training),
});

/** The newest sound state, or that of step 0, in a step's hands. */
async function start(
  training: Training,
  options: TrainOptions,
): Promise<{ readonly first: number; readonly steps: StepSwitch }> {
  const { runDir, onNotice } = options;
  const saved = await latestState(runDir, async (damaged) => {
    const aside = basename(await setAside(damaged));
    onNotice?.(`${damaged.reason}. It is kept as ${aside}, and an older state is used`);
  });
  if (saved) onNotice?.(`continuing after step ${saved.step}`);
  const state = saved?.state ?? initialState(training.objective, training.seed, await initialOf(training));
  await assertRoom(runDir, (await bytesToWrite(runDir, state)) + bestBytes(training));
  return {
    first: saved?.step ?? 0,
    steps: createStepSwitch(training.optimizer, state, stepOptions(training, options, saved !== undefined)),
  };
}

/** What the states that are still to be written will take. */
async function bytesToWrite(runDir: string, state: TrainState): Promise<number> {
  const missing = KEPT_STATES + 1 - (await savedSteps(runDir)).length;
  return Math.max(missing, 1) * [...state.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
}

interface Running {
  readonly steps: StepSwitch;
  readonly record: RunRecord;
  /** Updates done before. */
  readonly first: number;
  /** Evaluates and measures the model after a step where that is due. */
  readonly inspect: (step: number) => Promise<void>;
}

async function loop(training: Training, options: LockedOptions, running: Running): Promise<number> {
  const { saveEvery, onProgress, signal } = options;
  const { steps, record, first, inspect } = running;
  const total = totalSteps(training);
  const clock = createClock(first, total);
  /** What an evaluator that fails must not cost: the updates since the last saved state. */
  const inspecting = (done: number) =>
    inspect(done).catch(async (error: unknown) => {
      if (done % saveEvery !== 0) await save(training, options, done, steps);
      throw error;
    });
  let step = first;
  let next = step < total ? prepare(training, step) : undefined;
  while (next && step < total && !signal?.aborted) {
    const batch = await clock.waiting(next);
    const objective = training.objectiveAt?.(step) ?? training.objective;
    const trainStep = await steps.get(objective);
    const factor = factorAt(training, step);
    // The next batch is made while the engine, off the main thread, works on this one.
    const computing = selectAndRun(
      trainStep,
      batch,
      updatesBefore(training) + step,
      factor,
      selectAt(training, step),
    );
    next = step + 1 < total ? prepare(training, step + 1) : undefined;
    const result = await computing;
    step++;
    await assertFinite(result, step, () => lastGood(options));
    const learningRate = training.optimizer.learningRate * factor;
    const notice =
      (step === first + 1 ? trainingNotice(training) : undefined) ?? objective.notice?.(result.metrics);
    const progress = {
      ...{ step, totalSteps: total, learningRate },
      ...result,
      ...clock.at(step),
      ...(notice !== undefined && { notice }),
    };
    await writing(
      'the log',
      () => lastGood(options),
      () => record.add(logEntry(progress)),
    );
    onProgress?.(progress);
    if (step % saveEvery === 0) await save(training, options, step, steps);
    if (step < total) await clock.pausing(inspecting(step));
  }
  await next?.catch(() => {});
  return step;
}

/** `select` counts a training's own steps, as `batchAt` does. */
const selectAt = ({ select }: Training, step: number): Select | undefined =>
  select && ((batch, state) => select(batch, state, step));

/** Never rejects unhandled: the error surfaces when the batch is awaited. */
function prepare(training: Training, step: number): Promise<Arrays> {
  const batch = Promise.resolve().then(() => training.batchAt(step));
  batch.catch(() => {});
  return batch;
}

async function lastGood({ runDir, startedFrom }: TrainOptions): Promise<string> {
  const step = (await savedSteps(runDir)).at(-1);
  if (step !== undefined) return `the last good state is that of step ${step} in ${statePath(runDir, step)}`;
  return startedFrom ? `the last good state is ${startedFrom}` : 'no state was saved before it';
}

/** On the way, a state to continue from; at the end, which every run of the training has, that of the model. */
async function save(
  training: Training,
  options: LockedOptions,
  step: number,
  steps: StepSwitch,
): Promise<void> {
  await options.lock.assertHeld();
  const state = step < totalSteps(training) ? steps.resumable() : steps.state();
  const kept = async () => `${await lastGood(options)}; start the same command again to continue from it`;
  await writing(`the state of step ${step}`, kept, () => saveState(options.runDir, step, state));
}

function logEntry(progress: TrainProgress): LogEntry {
  const { step, loss, gradientNorm, metrics, learningRate, idle, stepsPerSecond } = progress;
  return {
    step,
    loss,
    gradientNorm,
    ...metrics,
    learningRate,
    stepsPerSecond: Number(stepsPerSecond.toFixed(4)),
    idle: Number(idle.toFixed(4)),
    time: Date.now() / 1000,
  };
}
