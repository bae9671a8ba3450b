import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull } from '../checkpoint/diskFault.ts';
import { openSafetensors } from '../checkpoint/safetensors-reader.ts';
import { writeSafetensors } from '../checkpoint/safetensors-writer.ts';
import type { NdArray } from '../tensor/index.ts';
import type { TrainState } from './step.ts';

const FILE = /^state-(\d+)\.safetensors$/;

/** States that are kept; one more is there while it is written. */
export const KEPT_STATES = 2;

/** Path of the saved state after `step` updates. */
export const statePath = (runDir: string, step: number): string =>
  join(runDir, `state-${String(step).padStart(8, '0')}.safetensors`);

/** Steps for which a complete state is saved, ascending. Unfinished writes have other names. */
export async function savedSteps(runDir: string): Promise<number[]> {
  const names = await readdir(runDir).catch(() => []);
  return names
    .flatMap((name) => (FILE.test(name) ? [Number(FILE.exec(name)![1])] : []))
    .sort((a, b) => a - b);
}

/** Removes all saved states but the last `keep`. */
async function removeOld(runDir: string, keep: number): Promise<void> {
  for (const old of (await savedSteps(runDir)).slice(0, -keep))
    await rm(statePath(runDir, old), { force: true });
}

/**
 * Writes the state after `step` updates and keeps the last {@link KEPT_STATES}. The write is atomic: a killed run
 * leaves the previous state. On a full disk all but the newest state make room; that one is never given up.
 */
export async function saveState(
  runDir: string,
  step: number,
  state: TrainState,
  write: typeof writeSafetensors = writeSafetensors,
): Promise<string> {
  await mkdir(runDir, { recursive: true });
  const path = statePath(runDir, step);
  const options = { metadata: { step: String(step) } };
  try {
    await write(path, state, options);
  } catch (error) {
    if (!isDiskFull(error) || (await savedSteps(runDir)).length < 2) throw error;
    await removeOld(runDir, 1);
    await write(path, state, options);
  }
  await removeOld(runDir, KEPT_STATES);
  return path;
}

/**
 * The newest saved state, or undefined when there is none. Before the end of a run, rows of its tables may be behind (see
 * `TrainStep.resumable`); the last is up to date.
 * @throws CheckpointError when the file is damaged.
 */
export async function latestState(
  runDir: string,
): Promise<{ readonly step: number; readonly state: TrainState; readonly path: string } | undefined> {
  const step = (await savedSteps(runDir)).at(-1);
  if (step === undefined) return undefined;
  const path = statePath(runDir, step);
  const file = await openSafetensors(path);
  try {
    const state = new Map<string, NdArray<'float32'>>();
    for (const name of file.tensors.keys()) state.set(name, await file.readFloat32(name));
    return { step, state, path };
  } finally {
    await file.close();
  }
}
