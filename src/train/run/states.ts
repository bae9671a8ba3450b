import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDiskFull } from '../../checkpoint/files/diskFault.ts';
import { CheckpointError } from '../../checkpoint/files/errors.ts';
import { makeFolder } from '../../checkpoint/files/makeFolder.ts';
import { assertFiniteTensor } from '../../checkpoint/safetensors/finite.ts';
import { openSafetensors } from '../../checkpoint/safetensors/reader.ts';
import { writeSafetensors } from '../../checkpoint/safetensors/writer.ts';
import type { NdArray } from '../../tensor/index.ts';
import type { TrainState } from '../step/state/state.ts';

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
 * leaves the previous state. Checksums say later whether it is what was written. On a full disk all but the newest state make room; that one is never given up.
 * @throws CheckpointError naming a tensor that holds NaN or infinity
 */
export async function saveState(
  runDir: string,
  step: number,
  state: TrainState,
  write: typeof writeSafetensors = writeSafetensors,
): Promise<string> {
  await makeFolder(runDir);
  const path = statePath(runDir, step);
  const options = { metadata: { step: String(step) }, checksums: true, finite: true };
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

/** A state as it was saved. */
export interface SavedState {
  readonly step: number;
  readonly state: TrainState;
  readonly path: string;
}

/**
 * Reads a state and everything that says whether it is what was saved: its checksums, its step, that all numbers are
 * finite. Before the end of a run, rows of its tables may be behind (see `TrainStep.resumable`); the last is up to date.
 * @throws CheckpointError naming the file, and the tensor where one is damaged
 */
async function readState(runDir: string, step: number): Promise<SavedState> {
  const path = statePath(runDir, step);
  const file = await openSafetensors(path);
  try {
    const said = file.metadata['step'];
    if (said !== undefined && said !== String(step))
      throw new CheckpointError(path, `is the state of step ${said} under the name of another; name it back`);
    const state = new Map<string, NdArray<'float32'>>();
    for (const name of file.tensors.keys()) {
      const array = await file.readFloat32(name);
      assertFiniteTensor(path, name, array);
      state.set(name, array);
    }
    return { step, state, path };
  } finally {
    await file.close();
  }
}

/** Whether a state is damaged, rather than out of reach for now (no permission, too many open files). */
const isDamage = (error: unknown): error is Error => {
  const cause = error instanceof CheckpointError ? error.cause : error;
  const code = cause instanceof Error && 'syscall' in cause && 'code' in cause ? cause.code : undefined;
  return code === undefined ? error instanceof CheckpointError : code === 'EIO';
};

/** A state that is not what was saved. */
export interface DamagedState {
  readonly path: string;
  /** What is wrong, with file and tensor. */
  readonly reason: string;
}

/**
 * The newest saved state that is sound, or undefined where none is saved.
 * @param onDamaged told of each newer one, which is not
 * @throws CheckpointError when states are saved and none of them is sound
 * @example
 * const saved = await latestState('out/run', ({ path }) => console.warn(path));
 * console.log(saved?.step);
 */
export async function latestState(
  runDir: string,
  onDamaged: (damaged: DamagedState) => Promise<void> | void = () => {},
): Promise<SavedState | undefined> {
  const damaged: DamagedState[] = [];
  for (const step of (await savedSteps(runDir)).reverse()) {
    const found = await readState(runDir, step).catch((error: unknown) => {
      if (!isDamage(error)) throw error;
      damaged.push({ path: statePath(runDir, step), reason: error.message });
    });
    if (!found) continue;
    for (const one of damaged) await onDamaged(one);
    return found;
  }
  const [newest] = damaged;
  if (!newest) return undefined;
  throw new CheckpointError(
    runDir,
    `no saved state is sound (${newest.reason}); use another run folder, or remove the states to start again`,
  );
}

/** Takes a damaged state out of the way of those that follow, without losing it. @returns its new path */
export async function setAside({ path }: DamagedState): Promise<string> {
  const aside = `${path}.damaged`;
  await rename(path, aside);
  return aside;
}
