import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** `siglip2 serve` in a process of its own. */
export interface ServerProcess {
  readonly port: number;
  /** Largest resident memory so far, in bytes (Linux; elsewhere NaN). */
  peakBytes(): Promise<number>;
  /** Resident memory now, in bytes. */
  residentBytes(): Promise<number>;
  /** What it has written to standard error. */
  log(): string;
  /** Sends SIGTERM and gives the exit code. */
  stop(): Promise<number | null>;
}

const COMMAND = fileURLToPath(new URL('../../bin/siglip2.js', import.meta.url));

/**
 * Starts the server on a free port; with the embedded model, unless the arguments name another.
 * @throws Error with its words when it does not start
 */
export async function startServer(
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [COMMAND, 'serve', '--port', '0', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const exited = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8');
  const port = await new Promise<number>((resolve, reject) => {
    child.stderr.on('data', (chunk: string) => {
      log += chunk;
      const found = /http:\/\/127\.0\.0\.1:(\d+)\//.exec(log)?.[1];
      if (found) resolve(Number(found));
    });
    child.on('exit', () => reject(new Error(`the server did not start: ${log}`)));
  });
  const status = async (field: string) => {
    const text = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    return 1024 * Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1] ?? Number.NaN);
  };
  return {
    port,
    peakBytes: () => status('VmHWM'),
    residentBytes: () => status('VmRSS'),
    log: () => log,
    async stop() {
      child.kill('SIGTERM');
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}
