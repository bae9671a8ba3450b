import { fork } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Job, newsSchema } from './job.ts';

/** An input that was not answered in words. */
export interface Fault {
  readonly index: number;
  readonly fault: string;
  /** Where the error was made, where there is one. */
  readonly stack: string;
  /** It was ended because it took too long. */
  readonly hangs?: boolean;
}

export interface Watched {
  /** Number of the next input. */
  readonly next: number;
  readonly faults: readonly Fault[];
  /** What came of each input that the job names. */
  readonly outcomes: readonly string[];
}

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
/** Milliseconds for getting ready: a busy machine starts slowly. */
const START = 120_000;
const TICK = 100;

/** Number of the input that is being read; −1 before the first. */
const indexIn = (progress: string): number =>
  existsSync(progress) ? Number(readFileSync(progress, 'utf8') || -1) : -1;

/**
 * Runs one child to its end, which may be early: it is ended when it is at one input for too long.
 * @param patience milliseconds for one input
 * @param memory MiB of JavaScript values
 */
export function watch(job: Job, patience: number, memory: number): Promise<Watched> {
  const faults: Fault[] = [];
  let next: number | undefined;
  const outcomes: string[] = [];
  let hung = false;
  const child = fork(CHILD, [JSON.stringify(job)], {
    execArgv: ['--import', 'tsx', `--max-old-space-size=${memory}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let words = '';
  child.stderr?.on('data', (text: Buffer) => {
    words = (words + text.toString()).slice(-4000);
  });
  child.on('message', (raw) => {
    const news = newsSchema.parse(raw);
    if ('next' in news) next = news.next;
    else if ('outcome' in news) outcomes[news.index] = news.outcome;
    else faults.push(news);
  });
  let [last, since] = [-1, Date.now()];
  const timer = setInterval(() => {
    const index = indexIn(job.progress);
    if (index !== last) [last, since] = [index, Date.now()];
    else if (Date.now() - since > (index < 0 ? START : patience)) {
      hung = true;
      child.kill('SIGKILL');
    }
  }, TICK);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(timer);
      const index = indexIn(job.progress);
      if (next !== undefined) return resolve({ next, faults, outcomes });
      if (index < 0) return reject(new Error(`the target can't be started: ${words}`));
      // What it has told of this input is the reason why it ended.
      if (hung || !faults.some((one) => one.index === index))
        faults.push({ index, fault: endOf(hung, patience, code, signal), stack: words, hangs: hung });
      resolve({ next: index + 1, faults, outcomes });
    });
  });
}

const endOf = (hung: boolean, patience: number, code: number | null, signal: string | null): string =>
  hung ? `hangs: no end after ${patience / 1000} s` : `ends the process with ${signal ?? `code ${code}`}`;
