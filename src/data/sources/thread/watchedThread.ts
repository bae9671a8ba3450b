import { extname } from 'node:path';
import { type TransferListItem, Worker } from 'node:worker_threads';
import { z } from 'zod';

/** Why a thread was ended in the middle of its work. */
export type StopReason = 'silent' | 'memory' | 'crashed';

/** The thread can't answer any more. What it worked on is lost; others can be started. */
export class ThreadStopped extends Error {
  override readonly name = 'ThreadStopped';
  readonly reason: StopReason;
  constructor(reason: StopReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** A thread that answers one question at a time and is ended when it no longer does. */
export interface WatchedThread {
  /**
   * @param silence milliseconds without a sign of life after which the thread is ended
   * @param onNews what the thread tells while it works on the answer
   * @param transfer buffers of the question that are handed over instead of copied
   * @throws ThreadStopped when it was ended, ran out of memory or crashed; Error with the thread's own message
   */
  ask(
    question: object,
    silence: number,
    onNews?: (news: unknown) => void,
    transfer?: readonly TransferListItem[],
  ): Promise<unknown>;
  /** Whether it can be asked. */
  isIdle(): boolean;
  stop(): Promise<void>;
}

const messageSchema = z.union([
  z.object({ news: z.unknown() }).strict(),
  z.object({ error: z.string() }).strict(),
  z.object({ answer: z.unknown() }).strict(),
]);

interface Pending {
  resolve(answer: unknown): void;
  reject(error: Error): void;
  readonly onNews: ((news: unknown) => void) | undefined;
  readonly watch: NodeJS.Timeout;
}

/** Milliseconds in which a thread has to start. */
const START = 60_000;

/** Most bytes of JavaScript values of a thread; the buffers that it reads files into are beside them. */
const HEAP_MEGABYTES = 1024;

/**
 * Starts a thread for work on input from strangers, which may keep a core busy for ever or ask for any amount of memory.
 * The module calls {@link answerQuestions}. The thread keeps the process alive only while it is asked.
 * @param module file URL of a module; TypeScript where this one is
 */
export function watchedThread(module: URL, heapMegabytes = HEAP_MEGABYTES): WatchedThread {
  const pulse = new Int32Array(new SharedArrayBuffer(4));
  const worker = start(module, pulse, heapMegabytes);
  let pending: Pending | undefined;
  let stopped: ThreadStopped | undefined;
  worker.unref();

  function settle(use: (question: Pending) => void): void {
    const question = pending;
    if (!question) return;
    pending = undefined;
    clearInterval(question.watch);
    worker.unref();
    use(question);
  }

  function end(reason: StopReason, message: string): void {
    stopped ??= new ThreadStopped(reason, message);
    const error = stopped;
    void worker.terminate();
    settle(({ reject }) => reject(error));
  }

  worker.on('message', (raw: unknown) => {
    const message = messageSchema.parse(raw);
    if ('news' in message) pending?.onNews?.(message.news);
    else if ('error' in message) settle(({ reject }) => reject(new Error(message.error)));
    else settle(({ resolve }) => resolve(message.answer));
  });
  worker.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') end('memory', `took more than ${heapMegabytes} MiB`);
    else end('crashed', `failed (${error.message})`);
  });
  worker.on('exit', () => end('crashed', 'ended by itself'));

  /** Counts the ticks in which the thread did nothing, so that a process that was held up blames nobody. */
  function watch(silence: number): NodeJS.Timeout {
    const tick = Math.min(1000, silence / 4);
    let last = Atomics.load(pulse, 0);
    let quiet = 0;
    return setInterval(() => {
      const now = Atomics.load(pulse, 0);
      quiet = now === last ? quiet + tick : 0;
      last = now;
      // Until the first sign it loads its modules, which takes long on a busy machine.
      const allowed = now === 0 ? Math.max(silence, START) : silence;
      if (quiet >= allowed) end('silent', `gave no sign of life for ${allowed / 1000} s`);
    }, tick);
  }

  return {
    ask(question, silence, onNews, transfer = []) {
      if (stopped) return Promise.reject(stopped);
      if (pending) return Promise.reject(new Error('a thread answers one question at a time'));
      return new Promise((resolve, reject) => {
        pending = { resolve, reject, onNews, watch: watch(silence) };
        worker.ref();
        worker.postMessage(question, transfer);
      });
    },
    isIdle: () => !pending && !stopped,
    async stop() {
      end('crashed', 'was ended');
      await worker.terminate();
    },
  };
}

/** In a checkout a thread runs TypeScript, which Node 20 can't load from a thread's flags: it registers tsx itself. */
const TYPESCRIPT = `
  const { workerData } = require('node:worker_threads');
  import(workerData.loader).then(({ register }) => { register(); return import(workerData.module); });
`;

function start(module: URL, pulse: Int32Array, heapMegabytes: number): Worker {
  const options = {
    // The parent's flags are about the parent's script.
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: heapMegabytes },
  };
  if (extname(module.pathname) !== '.ts') return new Worker(module, { ...options, workerData: { pulse } });
  const loader = import.meta.resolve('tsx/esm/api');
  return new Worker(TYPESCRIPT, {
    ...options,
    eval: true,
    workerData: { pulse, loader, module: module.href },
  });
}
