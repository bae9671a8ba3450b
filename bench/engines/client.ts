import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type Answer, answerSchema, MARK, type Request } from './protocol.ts';
import type { Settings, TaskName } from './task.ts';

/** An engine's process. Requests are answered one after the other. */
export interface Client {
  /** Builds a task and runs it once. @throws Error with the engine's message when that fails. */
  prepare<Name extends TaskName>(key: string, task: Name, settings: Settings<Name>): Promise<Answer>;
  run(key: string): Promise<Answer>;
  release(key: string): Promise<Answer>;
  /** Ends the process and waits until its memory is free. */
  stop(): Promise<void>;
}

/** How many of an engine's last error lines its failure repeats. */
const KEPT_LINES = 12;

/** Starts an engine. */
export function startEngine(name: string, command: string, args: readonly string[], threads: number): Client {
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), TOKENIZERS_PARALLELISM: 'true' };
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaints.push(line);
    if (complaints.length > KEPT_LINES) complaints.shift();
  });
  const waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith(MARK)) return;
    const answer = answerSchema.parse(JSON.parse(line.slice(MARK.length)));
    if (answer.error === undefined) waiting.shift()?.resolve(answer);
    else waiting.shift()?.reject(new Error(`${name}: ${answer.error}`));
  });
  const fail = (reason: string) => {
    const error = new Error(`${name} ${reason}${complaints.map((line) => `\n  ${line}`).join('')}`);
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const exited = once(child, 'close').then(
    ([code, signal]) => fail(`ended with ${signal ?? code}`),
    (error: unknown) => fail(`could not start: ${String(error)}`),
  );
  // A dead engine is reported by whoever waits for its answer.
  child.stdin.on('error', () => {});

  const ask = (request: Request): Promise<Answer> =>
    new Promise((resolve, reject) => {
      if (child.exitCode !== null) return reject(new Error(`${name} has ended`));
      waiting.push({ resolve, reject });
      child.stdin.write(`${JSON.stringify(request)}\n`);
    });
  return {
    prepare: (key, task, settings) => ask({ op: 'prepare', key, task, settings }),
    run: (key) => ask({ op: 'run', key }),
    release: (key) => ask({ op: 'release', key }),
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(timer);
    },
  };
}
