import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readLock } from '../../checkpoint/files/lock.ts';
import { presenceOf } from '../../checkpoint/files/processes.ts';
import { isEvaluation } from '../../train/run/evaluation/evaluations.ts';
import type { LogEntry } from '../../train/run/log/log.ts';
import { type Outline, readOutline } from '../../train/run/outline.ts';
import { curveOf, quantities } from '../../train/run/report/curve.ts';
import type { StageHistory } from '../../train/run/report/history.ts';
import { readSamples, type Samples } from '../../train/run/samples/files.ts';
import { createLogReader, type LogReader } from './logReader.ts';
import { samplesOf } from './samplesOf.ts';
import { finetuningSteps, lineSteps } from './stepsOf.ts';

export type RunState = 'running' | 'finished' | 'stopped';

/** A run in a line. */
export interface RunLine {
  readonly name: string;
  readonly state: RunState;
  readonly stage: string | null;
  readonly step: number;
  readonly steps: number | null;
  /** Milliseconds since 1970. */
  readonly updated: number;
  readonly loss: number | null;
}

/** Follows one run. */
export interface RunReader {
  /** Reads what is new. @returns whether there is anything */
  update(): Promise<boolean>;
  line(): RunLine;
  whole(): ReturnType<typeof wholeOf>;
}

/** After how many milliseconds without a sign a process of another machine is taken to be gone. */
const GONE_MS = 60_000;

/** Whether a process trains in the folder. */
async function isRunning(folder: string): Promise<boolean> {
  const path = join(folder, '.lock');
  const found = await stat(path).catch(() => undefined);
  if (!found) return false;
  const owner = await readLock(path);
  const presence = owner ? presenceOf(owner) : 'unknown';
  return presence === 'unknown' ? Date.now() - found.mtimeMs < GONE_MS : presence !== 'gone';
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** A model is saved where a run has come to its end; a fine-tuning, which saves it elsewhere, has made all its steps. */
const isFinished = async (folder: string, finetuning: number | null, step: number): Promise<boolean> =>
  (finetuning !== null && step >= finetuning) ||
  (await exists(join(folder, 'model'))) ||
  (await exists(join(folder, 'models')));

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

/** What evaluators gave: `evaluator/metric`, each a number. */
const evaluationsOf = ({ name: stage, start, entries }: StageHistory) =>
  entries.filter(isEvaluation).flatMap((entry) =>
    Object.entries(entry).flatMap(([key, value]) => {
      const slash = key.lastIndexOf('/');
      if (slash < 0 || typeof value !== 'number') return [];
      const [name, metric] = [key.slice(0, slash), key.slice(slash + 1)];
      return [{ step: start + entry.step, stage, name, metric, value }];
    }),
  );

const isStep = (entry: LogEntry): boolean => !isEvaluation(entry);

/** All that is shown of a run. */
const wholeOf = (
  name: string,
  state: RunState,
  history: readonly StageHistory[],
  samples: Samples,
  skipped: number,
) => ({
  ...{ name, state },
  stages: history.map((stage) => {
    const steps = { ...stage, entries: stage.entries.filter(isStep) };
    return {
      name: stage.name,
      curves: quantities([steps]).map((metric) => ({ metric, points: [...curveOf(steps, metric).points] })),
    };
  }),
  evaluations: history.flatMap(evaluationsOf),
  samples: samplesOf(name, history, samples),
  skipped_lines: skipped,
});

/** Follows the run of a folder: logs are read on, never anew. */
export function createRunReader(name: string, folder: string): RunReader {
  const readers = new Map<string, LogReader>();
  let state: RunState = 'stopped';
  let history: readonly StageHistory[] = [];
  let updated = 0;
  let samples: Samples = { pictures: [], last: [] };
  let outline: Outline = [];
  let finetuning: number | null = null;

  async function read(): Promise<boolean> {
    const ends: number[] = [];
    const found: StageHistory[] = [];
    let isNew = false;
    outline = await readOutline(folder);
    for (const { name: stage, dir, parent } of outline) {
      const path = join(folder, dir, 'log.jsonl');
      const reader = readers.get(path) ?? createLogReader(path);
      readers.set(path, reader);
      isNew = (await reader.update()) || isNew;
      const { entries } = reader;
      const start = parent === undefined ? 0 : (ends[parent] ?? 0);
      ends.push(start + (entries.at(-1)?.step ?? 0));
      if (entries.length > 0) found.push({ name: stage, start, entries });
    }
    history = found;
    return isNew;
  }

  const last = () =>
    history.reduce<StageHistory | undefined>((latest, stage) => {
      const timeOf = (one: StageHistory | undefined) => one?.entries.at(-1)?.time ?? 0;
      return timeOf(stage) >= timeOf(latest) ? stage : latest;
    }, undefined);

  function line(): RunLine {
    const stage = last();
    const loss = stage?.entries.findLast(({ loss }) => typeof loss === 'number')?.['loss'];
    return {
      ...{ name, state, updated },
      steps: finetuning ?? lineSteps(outline, stage?.name),
      stage: stage?.name ?? null,
      step: stage ? stage.start + (stage.entries.at(-1)?.step ?? 0) : 0,
      loss: numberOf(loss),
    };
  }

  return {
    async update() {
      const before = state;
      const isNew = await read();
      if (isNew) [samples, finetuning] = [await readSamples(folder), await finetuningSteps(folder)];
      if (await isRunning(folder)) state = 'running';
      else state = (await isFinished(folder, finetuning, line().step)) ? 'finished' : 'stopped';
      const changed = last()?.entries.at(-1)?.time;
      updated =
        changed === undefined ? ((await stat(folder).catch(() => undefined))?.mtimeMs ?? 0) : 1000 * changed;
      return isNew || state !== before;
    },
    line,
    whole: () =>
      wholeOf(
        name,
        state,
        history,
        samples,
        [...readers.values()].reduce((sum, { skipped }) => sum + skipped, 0),
      ),
  };
}
