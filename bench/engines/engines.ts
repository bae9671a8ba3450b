import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Client, startEngine } from './client.ts';

export type EngineName = 'ours' | 'transformers.js' | 'PyTorch';

/** An engine that can be measured here, or why it can't. */
export interface Engine {
  readonly name: EngineName;
  /** Version, once found. */
  readonly version?: string;
  /** Command that would install it, where it is missing. */
  readonly install?: string;
  start(threads: number): Client;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const PYTHON = process.env['PYTHON'] ?? 'python3';

const scripted = (name: EngineName, script: string) => (threads: number) =>
  startEngine(name, process.execPath, ['--import', 'tsx', here(script)], threads);

const run = promisify(execFile);

async function pythonVersions(): Promise<string | undefined> {
  const program = 'import torch, transformers; print(torch.__version__, transformers.__version__)';
  try {
    const { stdout } = await run(PYTHON, ['-c', program]);
    const [torch, transformers] = stdout.trim().split('\n').at(-1)!.split(' ');
    return `torch ${torch}, transformers ${transformers}`;
  } catch {
    return undefined;
  }
}

/** Every engine of the comparison; `peers` false leaves the others out as if they were missing. */
export async function findEngines(peers: boolean): Promise<readonly Engine[]> {
  const installed = peers && existsSync(here('../peers/node_modules/@huggingface/transformers'));
  const torch = peers ? await pythonVersions() : undefined;
  return [
    { name: 'ours', version: 'this checkout', start: scripted('ours', 'ours.ts') },
    {
      name: 'transformers.js',
      ...(installed ? { version: '4.3.1' } : { install: 'npm ci --prefix bench/peers' }),
      start: scripted('transformers.js', 'transformersJs.ts'),
    },
    {
      name: 'PyTorch',
      ...(torch ? { version: torch } : { install: 'pip install -r parity/requirements.txt' }),
      start: (threads) => startEngine('PyTorch', PYTHON, ['-u', here('../peers/torch_bench.py')], threads),
    },
  ];
}
