import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { LIMIT_GB, notePeak } from './memory.ts';

const ROOT = join(import.meta.dirname, '../../..');
const REPORTER = join(import.meta.dirname, 'reportPeak.mjs');

/** What a command did in a process of its own. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** Highest resident memory of the process, or of the largest one that it started, in GB; mapped files count. */
  readonly peakGB: number;
  /** Standard output's lines as JSON. */
  json(): unknown[];
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

const peakSchema = z.object({ pid: z.number(), kilobytes: z.number() });

const peakOf = (file: string): number => {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const peaks = lines.map((line) => peakSchema.parse(JSON.parse(line)).kilobytes);
  return Math.max(0, ...peaks) / 1e6;
};

/** `siglip2 embed` and the model's name, for a command line. */
function labelOf([program = '', command = '', ...rest]: readonly string[]): string {
  const model = rest[rest.indexOf('--model') + 1];
  const name = rest.includes('--model') && model !== undefined ? ` of ${basename(model)}` : '';
  return program.endsWith('siglip2.js') ? `siglip2 ${command}${name}` : basename(program);
}

/** Starts Node in a process of its own, with what is measured about it. */
function startNode(args: readonly string[], options: { cwd?: string; stdin?: string } = {}): Started {
  const notes = mkdtempSync(join(tmpdir(), 'siglip2-peak-'));
  const file = join(notes, 'peaks.jsonl');
  const child = spawn(process.execPath, ['--import', REPORTER, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...process.env, SIGLIP2_PEAK_FILE: file, NODE_OPTIONS: `--import ${REPORTER}` },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const written = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    written.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.err += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const peakGB = peakOf(file);
      notePeak(labelOf(args), peakGB);
      rmSync(notes, { recursive: true, force: true });
      const json = () =>
        written.out
          .trimEnd()
          .split('\n')
          .map((line): unknown => JSON.parse(line));
      resolve({ code, signal, ...written, peakGB, json });
    });
  });
  return { child, finished };
}

/** Starts the command line as users do. */
export const startSiglip2 = (
  args: readonly string[],
  options: { cwd?: string; stdin?: string } = {},
): Started => startNode([join(ROOT, 'bin/siglip2.js'), ...args], options);

/** @throws Error when a command took more memory than the suite allows */
export function assertFits(args: readonly string[], { peakGB }: Finished): void {
  if (peakGB > LIMIT_GB)
    throw new Error(`siglip2 ${args.join(' ')} took ${peakGB.toFixed(1)} GB, more than ${LIMIT_GB}`);
}

/**
 * Runs a command to its end.
 * @throws Error with what it wrote when it fails, or when it took too much memory
 */
export async function siglip2(
  args: readonly string[],
  options: { cwd?: string; stdin?: string } = {},
): Promise<Finished> {
  const result = await startSiglip2(args, options).finished;
  assertFits(args, result);
  if (result.code !== 0) {
    const end = result.signal ?? `code ${result.code}`;
    throw new Error(
      `siglip2 ${args.join(' ')} ended with ${end}\n${result.out.slice(-2000)}\n${result.err.slice(-4000)}`,
    );
  }
  return result;
}
