import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTarget } from '../targets.ts';
import { inputAt } from './inputAt.ts';
import type { Job } from './job.ts';
import { type FuzzTarget, MEMORY, PATIENCE } from './target.ts';
import { type Fault, type Watched, watch } from './watch.ts';

/** Inputs of one process. */
const CHUNK = 20_000;
/** Kinds of faults after which enough is known. */
const MAX_KINDS = 10;

export interface FuzzOptions {
  readonly seconds: number;
  /** So many inputs, however long that takes, instead of as many as go into the time. */
  readonly inputs?: number;
  readonly seed: number;
  /** Called for the first fault of each kind, with the input. */
  readonly onFault?: (fault: Fault, input: Uint8Array) => void;
}

export interface FuzzReport {
  readonly inputs: number;
  /** The first of each kind. */
  readonly faults: readonly Fault[];
}

/** Faults that differ in numbers and names only are of one kind. */
const kindOf = ({ fault }: Fault): string => fault.replace(/"[^"]*"|'[^']*'|[\d.]+/g, '#').slice(0, 120);

/** A folder for one child, removed with what it leaves. */
async function inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'siglip2-fuzz-'));
  try {
    return await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const run = (target: FuzzTarget, job: Omit<Job, 'folder' | 'progress'>, times = 1): Promise<Watched> =>
  inFolder((root) => {
    const folder = join(root, 'files');
    mkdirSync(folder);
    const memory = 512 + (target.memory ?? MEMORY);
    const patience = 1000 * times * (target.patience ?? PATIENCE);
    return watch({ ...job, folder, progress: join(root, 'progress') }, patience, memory);
  });

/** Gives a target inputs until the time is over. Equal seeds give equal inputs, in the same order. */
export async function fuzz(
  name: string,
  { seconds, inputs, seed, onFault }: FuzzOptions,
): Promise<FuzzReport> {
  const target = await findTarget(name);
  const seeds = await target.seeds();
  const until = inputs === undefined ? Date.now() + 1000 * seconds : Number.MAX_SAFE_INTEGER;
  const all = inputs ?? Number.POSITIVE_INFINITY;
  const kinds = new Map<string, Fault>();
  let from = 0;
  while (Date.now() < until && from < all && kinds.size < MAX_KINDS) {
    const { next, faults } = await run(target, {
      target: name,
      seed,
      from,
      count: Math.min(CHUNK, all - from),
      until,
    });
    from = next;
    for (const fault of faults) {
      if (kinds.has(kindOf(fault))) continue;
      const input = inputAt(name, target, seeds, seed, fault.index);
      if (fault.hangs && !(await hangs(name, input))) continue;
      kinds.set(kindOf(fault), fault);
      onFault?.(fault, input);
    }
  }
  return { inputs: from, faults: [...kinds.values()] };
}

/** Gives a target some files. @param times how much longer than usual each may take */
export async function tryInputs(name: string, paths: readonly string[], times = 1): Promise<Watched> {
  const target = await findTarget(name);
  const faults: Fault[] = [];
  const outcomes: string[] = [];
  const job = { target: name, seed: 0, count: 0, until: Number.MAX_SAFE_INTEGER, inputs: [...paths] };
  for (let from = 0; from < paths.length; ) {
    const done = await run(target, { ...job, from }, times);
    from = done.next;
    faults.push(...done.faults);
    Object.assign(outcomes, done.outcomes);
  }
  return { next: paths.length, faults, outcomes };
}

/** Whether an input takes for ever, and not only long because the machine is busy. */
const hangs = (name: string, input: Uint8Array): Promise<boolean> =>
  inFolder(async (folder) => {
    const path = join(folder, 'input');
    writeFileSync(path, input);
    return (await tryInputs(name, [path], 4)).faults.length > 0;
  });
