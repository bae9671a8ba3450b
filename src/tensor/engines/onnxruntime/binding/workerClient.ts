import { type TransferListItem, Worker } from 'node:worker_threads';
import { z } from 'zod';
import { turnOffTelemetry } from '../noTelemetry.ts';
import { BINDING_WORKER } from './worker.ts';

const replySchema = z.object({
  id: z.number(),
  error: z.string().optional(),
  result: z.unknown().optional(),
});

/** Asks a worker thread for things, one answer per question. */
export interface WorkerClient {
  ask(kind: string, message: object, transfer?: readonly TransferListItem[]): Promise<unknown>;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** Starts the thread that runs the official binding. It keeps the process alive only while it works. */
export function startWorker(): WorkerClient {
  turnOffTelemetry();
  const worker = new Worker(BINDING_WORKER, {
    eval: true,
    workerData: { base: import.meta.url },
    execArgv: [],
  });
  const waiting = new Map<number, Waiting>();
  let failure: Error | undefined;
  let next = 0;
  worker.unref();
  worker.on('message', (message: unknown) => {
    const { id, error, result } = replySchema.parse(message);
    const question = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (error === undefined) question?.resolve(result);
    else question?.reject(new Error(error));
  });
  const fail = (error: Error): void => {
    failure ??= error;
    for (const question of waiting.values()) question.reject(failure);
    waiting.clear();
  };
  worker.on('error', fail);
  worker.on('exit', () => fail(new Error('The thread of the session has ended.')));
  return {
    ask(kind, message, transfer = []) {
      if (failure) return Promise.reject(failure);
      return new Promise((resolve, reject) => {
        const id = next++;
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage({ id, kind, ...message }, transfer);
      });
    },
  };
}
