import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const WINDOWS = process.platform === 'win32';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/** A program of the checkout's packages. */
export const tool = (name: string): string => join(ROOT, 'node_modules/.bin', WINDOWS ? `${name}.cmd` : name);

/** What a program printed, and how it ended. */
export interface Ended {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export function attempt(program: string, args: readonly string[], cwd: string): Ended {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
    shell: WINDOWS,
    // What npm tells its scripts is about the checkout: another npm would take it for its own settings.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
  });
  return { status, output: `${stdout}${stderr}` };
}

/** Runs a program that has to end well. @throws Error with what it printed */
export function command(program: string, args: readonly string[], cwd: string): string {
  const { status, output } = attempt(program, args, cwd);
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}:\n${output}`);
  console.log(`ok: ${[program.replace(`${ROOT}/`, ''), ...args].join(' ')}`);
  return output;
}

/** Whether packages can be installed. */
export const registryAnswers = (): boolean => attempt('npm', ['view', 'zod', 'name'], ROOT).status === 0;
