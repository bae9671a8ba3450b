import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../checkpoint/files/atomic.ts';
import { readJson } from '../../checkpoint/files/json.ts';
import { describeDifference } from '../../data/sources/identity.ts';
import { POSITIONS } from '../../train/finetune/finetune.ts';
import { FREEZABLE } from '../../train/finetune/settings.ts';
import { savedSteps } from '../../train/run/states.ts';
import { KEEP } from '../train/keep.ts';

const recordSchema = z.object({
  model: z.string(),
  /** What the data is, so that a run is not continued on other (see identity.ts). */
  fingerprint: z.string(),
  validation: z.string().optional(),
  freeze: z.array(z.enum(FREEZABLE)),
  batch: z.int().positive(),
  chunk: z.int().positive(),
  steps: z.int().positive(),
  learningRate: z.number().positive(),
  weightDecay: z.number().min(0),
  warmupSteps: z.int().min(0),
  seed: z.int().min(0),
  /** NaFlex: most patches of an image. Absent: as the model says. */
  maxPatches: z.int().positive().optional(),
  /** Which state becomes the model; it decides nothing else, so a run may be continued with another. */
  keep: z.enum(KEEP).optional(),
});

/** All that decides the result of a fine-tuning, kept in its run folder so that it is continued with the same. */
export type FinetuneRecord = z.output<typeof recordSchema>;

/** File of a run with the result of the model as it was. */
export const BEFORE = 'before.json';

const pathOf = (runDir: string): string => join(runDir, 'finetune.json');

/**
 * What the run in a folder was started with. A run of which no state is saved has not begun: it may begin otherwise.
 * @throws Error when the record is damaged or missing
 */
export async function recordOfRun(runDir: string): Promise<FinetuneRecord | undefined> {
  if ((await savedSteps(runDir)).length === 0) return undefined;
  const path = pathOf(runDir);
  if (!existsSync(path))
    throw new Error(`${runDir} holds the states of another run; use another --run folder`);
  const parsed = recordSchema.safeParse(await readJson(path));
  if (!parsed.success) throw new Error(`${path}: is damaged; use another --run folder`);
  return parsed.data;
}

const NAMES: Readonly<Record<Exclude<keyof FinetuneRecord, 'fingerprint' | 'keep'>, string>> = {
  model: '--model',
  validation: '--validation',
  freeze: '--freeze',
  batch: '--batch',
  chunk: '--chunk',
  steps: '--steps',
  learningRate: '--learning-rate',
  weightDecay: '--weight-decay',
  warmupSteps: '--warmup',
  seed: '--seed',
  maxPatches: '--max-patches',
};

/** A setting's value as it is said: nothing at all is `none`, and 0 is a value. */
const valueText = (value: FinetuneRecord[keyof FinetuneRecord]): string => String(value ?? '') || 'none';

/**
 * Writes down what a new run is, or checks that the run in the folder is the same.
 * @throws Error naming the option in which it differs
 */
export async function keepRecord(
  runDir: string,
  wanted: FinetuneRecord,
  found: FinetuneRecord | undefined,
): Promise<void> {
  if (!found) {
    // Of a run that did not get to its first state.
    for (const file of [BEFORE, POSITIONS]) await rm(join(runDir, file), { force: true });
    return writeJson(pathOf(runDir), wanted);
  }
  const names = Object.keys(NAMES) as (keyof typeof NAMES)[];
  const other = names.find((name) => String(wanted[name] ?? '') !== String(found[name] ?? ''));
  if (other !== undefined) {
    throw new Error(
      `${runDir} holds a run with ${NAMES[other]} ${valueText(found[other])}, not ${valueText(wanted[other])}: leave the option out to continue it, or use another --run folder`,
    );
  }
  const data = describeDifference(found.fingerprint, wanted.fingerprint);
  if (data !== undefined) {
    throw new Error(
      `${runDir} holds a run on other data than that of --data now: ${data}; give back the data as it was, or use another --output (or --run) folder`,
    );
  }
}
