import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { machine } from '../machine.ts';
import { exactAnswers } from './exact.ts';
import { withFetchedServer } from './fetchedServer.ts';
import { laneSchema } from './lane.ts';
import { findLanes, type Lane, type LaneOptions } from './lanes.ts';
import { prepareSet, QUERIES, type SearchSet } from './searchSet.ts';
import { type Measured, searchTable } from './table.ts';

export interface SearchBenchOptions extends LaneOptions {
  /** Numbers of vectors. */
  readonly sizes: readonly number[];
  readonly log: (line: string) => void;
}

const run = promisify(execFile);
const OUTPUT = { maxBuffer: 2 ** 26 };

/** The address that stands for the server of `npm run postgres:fetch`. */
const FETCHED = 'fetched';

const CACHE = fileURLToPath(new URL('../../.cache/bench/search', import.meta.url));

/**
 * Searches among vectors of 768: what building takes, what is kept, and how long a search for the best 24 takes and what it
 * finds, with filters and without. Every lane is a process of its own, one after the other.
 */
export const searchBench = (options: SearchBenchOptions): Promise<string> =>
  options.database === FETCHED
    ? withFetchedServer((database) => measureAll({ ...options, database }))
    : measureAll(options);

async function measureAll({ sizes, log, ...options }: SearchBenchOptions): Promise<string> {
  const lanes = await findLanes(options);
  const { cpu, memoryGiB, node } = machine();
  const parts = [
    `Search on ${cpu}, ${availableParallelism()} cores, ${memoryGiB} GiB; Node ${node}. ${QUERIES} queries, half of them like ` +
      'pictures and half like texts, four times each after a first; the best 24.',
  ];
  for (const size of sizes) {
    log(`${size.toLocaleString('en')} vectors: making them`);
    const set = await prepareSet(CACHE, size);
    log('searching them the plain way');
    const right = await exactAnswers(set);
    const measured: Measured[] = [];
    for (const lane of lanes) {
      if (lane.missing === undefined) log(`measuring ${lane.name}`);
      measured.push({ name: lane.name, ...(await measure(lane, set)) });
    }
    parts.push(searchTable(size, measured, right));
  }
  return parts.join('\n\n');
}

/** Builds and searches, each in a process of its own; a lane that fails leaves the others alone. */
async function measure(lane: Lane, set: SearchSet): Promise<Omit<Measured, 'name'>> {
  if (lane.missing !== undefined) return { missing: lane.missing };
  const result = join(set.folder, `${lane.name.replace(/\W+/g, '-')}.json`);
  try {
    await run(lane.program, [...lane.args('build', set, `${result}.build`)], OUTPUT);
    await run(lane.program, [...lane.args('search', set, result)], OUTPUT);
    return { result: laneSchema.parse(JSON.parse(await readFile(result, 'utf8'))) };
  } catch (error) {
    const lines = error instanceof Error ? error.message.trim().split('\n') : [String(error)];
    return { missing: `failed: ${lines.findLast((line) => /\w*Error\b/.test(line)) ?? lines.at(-1)}` };
  }
}
