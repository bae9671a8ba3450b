import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { SearchSet } from './searchSet.ts';

/** Something that finds neighbours: a program that is run once to build and once to search. */
export interface Lane {
  readonly name: string;
  readonly program: string;
  args(mode: 'build' | 'search', set: SearchSet, result: string): readonly string[];
  /** Why it is left out. */
  readonly missing?: string | undefined;
}

export interface LaneOptions {
  /** Address of a PostgreSQL with pgvector. */
  readonly database?: string | undefined;
  /** Whether others than ours are measured. */
  readonly peers: boolean;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PYTHON = process.env['PYTHON'] ?? 'python3';
const tsx = (script: string): string[] => ['--import', 'tsx', here(script)];

const collectionLane = (name: string, location: (set: SearchSet) => string): Lane => ({
  name,
  program: process.execPath,
  args: (mode, set, result) => [...tsx('collectionLane.ts'), mode, set.folder, result, location(set)],
});

const run = promisify(execFile);

async function pythonLane(name: string, module: string): Promise<Lane> {
  const found = await run(PYTHON, ['-c', `import ${module}, numpy; print(${module}.__version__)`]).catch(
    () => undefined,
  );
  return {
    name: found ? `${name} ${found.stdout.trim()}` : name,
    program: PYTHON,
    args: (mode, set, result) => [here('../peers/search_bench.py'), module, mode, set.folder, result],
    missing: found
      ? undefined
      : `not installed (\`pip install numpy ${module}\`; PYTHON names the interpreter)`,
  };
}

/** All lanes; those that cannot run here say why. */
export async function findLanes({ database, peers }: LaneOptions): Promise<readonly Lane[]> {
  const scan: Lane = {
    name: 'scan alone',
    program: process.execPath,
    args: (mode, set, result) => [...tsx('scanLane.ts'), mode, set.folder, result],
  };
  const postgres = collectionLane('collection in PostgreSQL (pgvector)', () => database ?? '');
  const missing = database ? undefined : 'no server (`--database postgres://…` or `--database fetched`)';
  return [
    scan,
    collectionLane('collection in a folder', (set) => join(set.folder, 'collections')),
    { ...postgres, missing },
    ...(peers ? [await pythonLane('usearch', 'usearch'), await pythonLane('LanceDB', 'lancedb')] : []),
  ];
}
