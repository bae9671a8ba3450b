import { callback, check, object, optional, settings } from '../../tensor/settings.ts';
import { caughtUp } from '../step/sparse/behind.ts';
import type { TrainState } from '../step/state/state.ts';
import { stateNames } from '../step/state/state.ts';
import { copied } from '../step/state/takeArrays.ts';
import { bestState, readMeasurements } from './best/keepBest.ts';
import { collectGarbage } from './collectGarbage.ts';
import { type Evaluations, isEvaluation, type StageEvaluations } from './evaluation/evaluations.ts';
import type { Evaluated } from './evaluation/scheduled.ts';
import { inRunFolder } from './folder.ts';
import { readLog } from './log/log.ts';
import { writeOutline } from './outline.ts';
import { type Stage, stageSteps, trainingOf } from './stage.ts';
import { checkStages, isLeaf, parentOf, stageDir } from './stageTree.ts';
import { latestState, savedSteps, statePath } from './states.ts';
import {
  type TrainOptions,
  type TrainProgress,
  type TrainResult,
  train,
  trainOptionRules,
} from './trainer.ts';
import { initialOf, type Training } from './training.ts';

export interface StagesOptions
  extends Omit<
    TrainOptions,
    'onProgress' | 'startedFrom' | 'updatesOnLine' | 'evaluations' | 'onEvaluation'
  > {
  readonly onProgress?: (progress: TrainProgress, stage: Stage) => void;
  /** Evaluates the models of the stages as they are trained (see {@link evaluateStages}). Default: nothing does. */
  readonly evaluations?: StageEvaluations<Stage>;
  /** Told of the numbers of evaluations. */
  readonly onEvaluation?: (evaluated: Evaluated, stage: Stage) => void;
  /** Called where a line of stages ends, also when that was so already: a model is done. */
  readonly onModel?: (stage: Stage, index: number, result: TrainResult) => Promise<void>;
}

const { startedFrom: _, updatesOnLine: __, evaluations: ___, ...stagesRules } = trainOptionRules;
const stagesSchema = settings<StagesOptions>({
  ...stagesRules,
  evaluations: optional(object('what evaluates stages')),
  onModel: optional(callback()),
});

/**
 * Runs stages, each from the parameters and moments that the one it starts from ended with; what a stage does not train
 * goes through unchanged. A stage that is finished is not run again, so a stopped run continues where it was.
 * @returns the state after the last stage that ran, and whether all are finished
 * @throws RangeError when a stage starts from what does not come before it; RunFolderError when another process trains in
 * the folder
 * @example
 * const stage: Stage = {
 *   name: 'all',
 *   training: {
 *     objective: contrastiveObjective(variantConfig('B/16'), { images: 2, texts: 2 }),
 *     optimizer: PAPER_OPTIMIZER,
 *     schedule: { totalSteps: 100, warmupSteps: 10 },
 *     seed: 0,
 *     batchAt: () => ({ input_ids: int32([2, 64], new Int32Array(128)) }),
 *   },
 * };
 * await trainStages([stage], { runDir: 'out/run', saveEvery: 50 });
 */
export async function trainStages(
  stages: readonly [Stage, ...Stage[]],
  options: StagesOptions,
): Promise<TrainResult> {
  check('options', stagesSchema, options);
  checkStages(stages);
  return inRunFolder(options.runDir, options.lock, (lock) => trainAll(stages, { ...options, lock }));
}

async function trainAll(stages: readonly [Stage, ...Stage[]], options: StagesOptions): Promise<TrainResult> {
  await writeOutline(options.runDir, stages);
  const run: Run = { stages, options, last: undefined };
  let result = await trainStage(run, 0);
  for (let i = 1; i < stages.length && result.finished; i++) {
    if (options.signal?.aborted) return { ...result, finished: false };
    result = await trainStage(run, i);
  }
  return result;
}

interface Run {
  readonly stages: readonly Stage[];
  readonly options: StagesOptions;
  /** The end of the stage that ran last; the others are read from disk where a fork needs them. */
  last: { readonly index: number; readonly state: TrainState } | undefined;
}

async function trainStage(run: Run, index: number): Promise<TrainResult> {
  const { stages, options } = run;
  const { onModel, evaluations, ...ofAll } = options;
  const stage = stages[index]!;
  const runDir = stageDir(options.runDir, stages, index);
  const before = await startOf(run, index);
  // Another stage that starts from the same end reads it from the disk.
  run.last = undefined;
  const done = (await savedSteps(runDir)).at(-1) ?? 0;
  const saved = done >= stageSteps(stage) ? await latestState(runDir) : undefined;
  // Where the last state is damaged, the stage goes on from an older one.
  const trained =
    saved &&
    saved.step >= stageSteps(stage) &&
    (await isInspected(stage, runDir, evaluations?.of(stage, before, saved.state.keys())))
      ? { ...saved, state: caughtUp(saved.state), finished: true, ...(await bestOf(runDir)) }
      : await trainOwn(stage, before, evaluations, {
          ...ofAll,
          runDir,
          updatesOnLine: await updatesUpTo(run, parentOf(stages, index)),
          startedFrom: await endPath(run, parentOf(stages, index)),
          onProgress: (progress) => options.onProgress?.(progress, stage),
          onEvaluation: (evaluated) => options.onEvaluation?.(evaluated, stage),
        });
  const result = { ...trained, state: new Map([...before, ...trained.state]) };
  run.last = { index, state: result.state };
  if (result.finished && isLeaf(stages, index)) await onModel?.(stage, index, result);
  return result;
}

/** Trains a stage. Of what it starts from, only what it does not train is left in `before`. */
async function trainOwn(
  stage: Stage,
  before: TrainState,
  evaluations: StageEvaluations<Stage> | undefined,
  options: TrainOptions,
): Promise<TrainResult> {
  const training = await ownTraining(stage, before, (await savedSteps(options.runDir)).length > 0);
  for (const name of stateNames(training.objective, training.optimizer)) before.delete(name);
  // What the stage before worked with.
  collectGarbage();
  const own = evaluations?.of(stage, before, training.objective.parameters.keys());
  if (!own) return train(training, options);
  const { heldOut = training.heldOut } = own;
  return train({ ...training, ...(heldOut && { heldOut }) }, { ...options, evaluations: own });
}

const bestOf = async (runDir: string) => {
  const best = await bestState(runDir);
  return best && { best };
};

/** Whether the end of a stage was measured and evaluated, where that is asked for. */
async function isInspected(
  stage: Stage,
  runDir: string,
  evaluations: Evaluations | undefined,
): Promise<boolean> {
  const total = stageSteps(stage);
  const own = 'make' in stage.training ? undefined : stage.training.heldOut;
  const { heldOut = own } = evaluations ?? {};
  const isMeasured = (await readMeasurements(runDir)).some(
    ({ step, metric }) => step >= total && metric === heldOut?.metric,
  );
  if (heldOut && !isMeasured) return false;
  return !evaluations || (await readLog(runDir)).some((one) => isEvaluation(one) && one.step >= total);
}

/**
 * A stage's training with all that it starts from.
 * @example
 * async function firstOf(stages: readonly [Stage, ...Stage[]]) {
 *   const { initial } = await startingTraining(stages[0], new Map());
 *   return initial;
 * }
 */
export async function startingTraining(stage: Stage, before: TrainState): Promise<Training> {
  const training = await trainingOf(stage, before);
  return { ...training, initial: new Map([...before, ...((await initialOf(training)) ?? [])]) };
}

/**
 * As {@link startingTraining}, with `before` given away: nothing reads it after the stage.
 * @param goesOn whether the stage continues from a state of its own
 */
async function ownTraining(stage: Stage, before: TrainState, goesOn: boolean): Promise<Training> {
  const { initial, ...training } = await trainingOf(stage, before);
  if (goesOn) return training;
  const given = (await initialOf({ ...training, ...(initial && { initial }) })) ?? new Map();
  // What stands in a training may be read again, by another run.
  const own =
    typeof initial === 'function' ? given : new Map([...given].map(([name, one]) => [name, copied(one)]));
  let start: TrainState | undefined = new Map([...before, ...own]);
  return {
    ...training,
    // Asked once, and then let go.
    initial: async () => {
      const state = start ?? new Map();
      start = undefined;
      return state;
    },
  };
}

/** The state that a stage starts from. */
async function startOf(run: Run, index: number): Promise<TrainState> {
  const parent = parentOf(run.stages, index);
  const end = parent === undefined ? new Map() : await endOf(run, parent);
  // A Map of its own: what the stage trains is taken out of it.
  return new Map(run.stages[index]!.enter?.(end) ?? end);
}

/** The state that a finished stage ended with: what it trained, and what went through. */
async function endOf(run: Run, index: number): Promise<TrainState> {
  if (run.last?.index === index) return run.last.state;
  const saved = await latestState(stageDir(run.options.runDir, run.stages, index));
  return new Map([...(await startOf(run, index)), ...(saved ? caughtUp(saved.state) : [])]);
}

/** Updates on a stage's line up to its end. */
async function updatesUpTo(run: Run, index: number | undefined): Promise<number> {
  if (index === undefined) return 0;
  const own = (await savedSteps(stageDir(run.options.runDir, run.stages, index))).at(-1) ?? 0;
  return own + (await updatesUpTo(run, parentOf(run.stages, index)));
}

/** Path of the state that a stage ended with. */
async function endPath({ stages, options }: Run, index: number | undefined): Promise<string | undefined> {
  if (index === undefined) return undefined;
  const runDir = stageDir(options.runDir, stages, index);
  const step = (await savedSteps(runDir)).at(-1);
  return step === undefined ? undefined : statePath(runDir, step);
}
