import { join } from 'node:path';
import { readLog } from '../../src/train/run/log/log.ts';
import { createNotices } from '../../src/train/run/log/notices.ts';
import { type Stage, stageSteps } from '../../src/train/run/stage.ts';
import { latestState } from '../../src/train/run/states.ts';
import { type TrainOptions, train } from '../../src/train/run/trainer.ts';
import { startingTraining } from '../../src/train/run/trainStages.ts';
import type { TrainState } from '../../src/train/step/state/state.ts';

export interface LineOptions {
  /** Holds one folder for each stage, by its name: other than in a run of `siglip2 train`, any of them may be absent. */
  readonly folder: string;
  readonly session?: TrainOptions['session'];
  readonly signal?: AbortSignal;
  readonly log?: (message: string) => void;
  /** Ends of stages that are known already; new ones are added. */
  readonly known?: Map<string, TrainState>;
}

/** Updates between saved states: a stage of the miniature takes a minute or two. */
const SAVE_EVERY = 400;

/** The training was stopped on request; what is done is saved. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

function progressLog({ name }: Stage, log: LineOptions['log']): TrainOptions['onProgress'] {
  let shown = performance.now();
  const newNotice = createNotices();
  return ({ step, totalSteps: total, loss, stepsPerSecond, notice: repeated }) => {
    const notice = newNotice(repeated);
    if (notice !== undefined) log?.(`  ${name} ${step}: ${notice}`);
    if (step < total && performance.now() - shown < 15_000) return;
    shown = performance.now();
    log?.(`  ${name} ${step}/${total}  loss ${loss.toFixed(3)}  ${stepsPerSecond.toPrecision(3)} steps/s`);
  };
}

async function trainStage(stage: Stage, before: TrainState, options: LineOptions): Promise<TrainState> {
  const { folder, session, signal, log } = options;
  const runDir = join(folder, stage.name);
  const saved = await latestState(runDir);
  if (saved && saved.step >= stageSteps(stage)) return saved.state;
  const { finished, state } = await train(await startingTraining(stage, before), {
    runDir,
    saveEvery: SAVE_EVERY,
    session,
    signal,
    onProgress: progressLog(stage, log),
  });
  if (!finished) throw new StoppedError(`stopped in ${stage.name}; the same command continues`);
  // The step's own buffers are gone with it.
  return state;
}

/**
 * Trains one stage after those that it starts from, and no others. Finished stages are read back.
 * @returns the state that it ends with: what it trained, and what went through
 * @throws StoppedError when the signal stops it
 */
export async function trainLine(
  stages: readonly Stage[],
  name: string,
  options: LineOptions,
): Promise<TrainState> {
  const known = options.known?.get(name);
  if (known) return known;
  const stage = stages.find((one) => one.name === name);
  if (!stage) throw new RangeError(`there is no stage ${name}`);
  const parent = stage.from === undefined ? new Map() : await trainLine(stages, stage.from, options);
  const before = stage.enter?.(parent) ?? parent;
  const end = new Map([...before, ...(await trainStage(stage, before, options))]);
  options.known?.set(name, end);
  return end;
}

/** Seconds of a stage's median update, from its log: what starting and compiling takes is left out. */
export async function secondsPerStep(folder: string, stage: string): Promise<number> {
  const times = (await readLog(join(folder, stage))).flatMap(({ time }) =>
    time === undefined ? [] : [time],
  );
  const gaps = times.slice(1).map((time, i) => time - times[i]!);
  if (gaps.length === 0) throw new Error(`${join(folder, stage)}: the log has fewer than two updates`);
  return gaps.sort((a, b) => a - b)[gaps.length >> 1]!;
}
