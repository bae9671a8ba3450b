import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeAtomic } from '../../../checkpoint/files/atomic.ts';
import { CheckpointError } from '../../../checkpoint/files/errors.ts';
import { assertFiniteTensor } from '../../../checkpoint/safetensors/finite.ts';
import { openSafetensors } from '../../../checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../../../checkpoint/safetensors/writer.ts';
import type { NdArray } from '../../../tensor/index.ts';
import { callback, count, optional, settings, text } from '../../../tensor/settings.ts';
import { caughtUpValues } from '../../step/sparse/caughtUpValues.ts';
import type { TrainState } from '../../step/state/state.ts';

/** How good the model of a run is on what it does not learn from, so that the best can be kept. */
export interface HeldOut {
  /** Steps between two measurements; after the last step there is one in any case. */
  readonly every: number;
  /**
   * What is measured, where that may be something else when the run goes on: measurements of another name are dropped.
   * Default: it is always the same.
   */
  readonly metric?: string;
  /**
   * A number for a state's parameters: the higher the better, unless it says otherwise. It must be a function of the
   * parameters alone, for a run that goes on to end as one that was not stopped. They belong to the trainer: read them,
   * don't keep them.
   */
  measure(
    parameters: TrainState,
    step: number,
  ): Promise<number | { readonly value: number; readonly lowerIsBetter: boolean }>;
}

export const heldOutSchema = settings<HeldOut>({ every: count, metric: optional(text), measure: callback() });

/** A measurement of a run. */
export interface Measured {
  readonly step: number;
  readonly value: number;
  readonly lowerIsBetter?: boolean;
  /** See {@link HeldOut.metric}. */
  readonly metric?: string;
}

/** The best model of a run, by what was measured. */
export interface BestState extends Measured {
  /** Reads its parameters. @throws CheckpointError when the file is damaged */
  parameters(): Promise<TrainState>;
}

const bestPath = (runDir: string): string => join(runDir, 'best.safetensors');
const recordPath = (runDir: string): string => join(runDir, 'held-out.jsonl');

const measuredSchema = z.object({
  step: z.int().min(0),
  value: z.number(),
  lowerIsBetter: z.boolean().optional(),
  metric: z.string().optional(),
});

function parsed(line: string): Measured[] {
  try {
    return [measuredSchema.parse(JSON.parse(line))];
  } catch {
    // Cut off by a kill: measured again.
    return [];
  }
}

/**
 * All measurements of a run, in their order.
 * @example
 * for (const { step, value } of await readMeasurements('out/run')) console.log(step, value);
 */
export async function readMeasurements(runDir: string): Promise<Measured[]> {
  const text = await readFile(recordPath(runDir), 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => (line === '' ? [] : parsed(line)));
}

const writeMeasurements = (runDir: string, all: readonly Measured[]): Promise<void> =>
  writeAtomic(recordPath(runDir), (file) =>
    file.writeFile(all.map((one) => `${JSON.stringify(one)}\n`).join('')),
  );

const metadataSchema = z.object({
  step: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
  value: z.string().transform(Number),
});

/**
 * The best model that a run has kept; undefined where nothing was measured. @throws CheckpointError when it is damaged
 * @example
 * const best = await bestState('out/run');
 * console.log(best?.step);
 */
export async function bestState(runDir: string): Promise<BestState | undefined> {
  const path = bestPath(runDir);
  const all = await readMeasurements(runDir);
  if (all.length === 0) return undefined;
  const file = await openSafetensors(path);
  const { metadata } = file;
  await file.close();
  const said = metadataSchema.safeParse(metadata);
  if (!said.success) throw new CheckpointError(path, 'does not say its step; use another run folder');
  return { ...said.data, parameters: () => readParameters(path) };
}

async function readParameters(path: string): Promise<TrainState> {
  const file = await openSafetensors(path);
  try {
    const state = new Map<string, NdArray<'float32'>>();
    for (const name of file.tensors.keys()) {
      const array = await file.readFloat32(name);
      assertFiniteTensor(path, name, array);
      state.set(name, array);
    }
    return state;
  } finally {
    await file.close();
  }
}

/** Measures a run's states as they come, and keeps the best. */
export interface BestKeeper {
  /** Measures the state after a step, unless that is known. */
  measure(step: number, resumable: TrainState): Promise<void>;
}

/**
 * Goes on with what a run in a folder has measured up to `first` steps. Of equal ones the later is the better: it has
 * learnt more.
 * @param names of the parameters
 */
export async function createBestKeeper(
  runDir: string,
  { measure, metric }: HeldOut,
  names: readonly string[],
  first: number,
): Promise<BestKeeper> {
  const known = (await readMeasurements(runDir)).filter((one) => one.step <= first && one.metric === metric);
  if (known.length === 0) await rm(bestPath(runDir), { force: true });
  return {
    async measure(step, resumable) {
      if (known.some((one) => one.step === step)) return;
      const parameters = caughtUpValues(resumable, names);
      const measured = await measure(parameters, step);
      const { value, lowerIsBetter } =
        typeof measured === 'number' ? { value: measured, lowerIsBetter: false } : measured;
      if (!Number.isFinite(value))
        throw new RangeError(`the measurement after step ${step} is ${value}; it must be a finite number`);
      const isBeaten = known.some((one) => (lowerIsBetter ? one.value < value : one.value > value));
      // The model first: a measurement that is known has had its effect.
      if (!isBeaten) {
        const metadata = { step: String(step), value: String(value) };
        await writeSafetensors(bestPath(runDir), parameters, { metadata, checksums: true, finite: true });
      }
      known.push({ step, value, ...(lowerIsBetter && { lowerIsBetter }), ...(metric && { metric }) });
      await writeMeasurements(runDir, known);
    },
  };
}
