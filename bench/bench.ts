import { availableParallelism } from 'node:os';
import { findEngines } from './engines/engines.ts';
import { machine } from './machine.ts';
import { measureProfiles } from './profiles.ts';
import type { ProfileResult, Results, RowResult } from './result.ts';
import { ROWS } from './rows.ts';
import { prepareFiles } from './setup.ts';
import type { Context } from './sideBySide.ts';
import { FULL, QUICK } from './sizes.ts';

export interface BenchOptions {
  /** Tiny shapes: only to see that everything runs. */
  readonly quick?: boolean;
  /** Names of the rows to run, `profile` for the operators' shares. Default: all. */
  readonly only?: readonly string[];
  /** Measure other engines where they are installed. Default true. */
  readonly peers?: boolean;
  /** Default: all cores. */
  readonly threads?: number;
  /** What to write down as the command. */
  readonly command: string;
  readonly log?: (line: string) => void;
}

export const ROW_NAMES: readonly string[] = [...Object.keys(ROWS), 'profile'];

/** Finds the engines and makes the files that rows need. */
export async function createContext({
  quick = false,
  peers = true,
  threads = availableParallelism(),
}: Omit<BenchOptions, 'command'>): Promise<Context> {
  const sizes = quick ? QUICK : FULL;
  const engines = await findEngines(peers);
  const exported = engines.some(({ name, install }) => name === 'transformers.js' && install === undefined);
  return { sizes, engines, threads, files: await prepareFiles(sizes, exported) };
}

/**
 * Runs the benchmark.
 * @throws Error for an unknown row, or when an engine fails or computes something else than ours.
 */
export async function runBench(options: BenchOptions): Promise<Results> {
  const { only = ROW_NAMES, log = () => {}, command } = options;
  const unknown = only.find((name) => !ROW_NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`there is no row ${unknown}; there are ${ROW_NAMES.join(', ')}`);
  const context = await createContext(options);
  const rows: RowResult[] = [];
  for (const [name, measure] of Object.entries(ROWS)) {
    if (!only.includes(name)) continue;
    log(`measuring ${name}`);
    rows.push(...(await measure(context)));
  }
  let profiles: ProfileResult[] = [];
  if (only.includes('profile')) {
    log('profiling');
    profiles = await measureProfiles(context);
  }
  const peers = context.engines.filter(({ name, version }) => name !== 'ours' && version !== undefined);
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    sizes: context.sizes.name,
    machine: machine(),
    peers: Object.fromEntries(peers.map(({ name, version }) => [name, version!])),
    rows,
    profiles,
  };
}
