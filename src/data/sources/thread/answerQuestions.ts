import { parentPort, type TransferListItem, workerData } from 'node:worker_threads';
import { z } from 'zod';

/** An answer, and what of it is handed over instead of copied. */
export interface Answer {
  readonly value: unknown;
  readonly transfer?: readonly TransferListItem[];
}

const dataSchema = z.object({ pulse: z.instanceof(Int32Array) });

/** The thread's side of `watchedThread`. */
export interface ThreadSide {
  /** A sign of life. Long work gives one now and then, or the thread is ended. */
  pulse(): void;
  /** Tells something before the answer; it arrives even if the thread never comes to rest again. */
  tell(news: unknown): void;
}

/** Answers the questions of the thread that started this one, one after another, as long as it lives. */
export function answerQuestions(answer: (question: unknown, side: ThreadSide) => Promise<Answer>): void {
  const port = parentPort;
  if (!port) throw new Error('this module runs as a thread of its own');
  const { pulse } = dataSchema.parse(workerData);
  const live = (): void => {
    Atomics.add(pulse, 0, 1);
  };
  live();
  const side: ThreadSide = {
    pulse: live,
    tell: (news) => port.postMessage({ news }),
  };
  port.on('message', async (question: unknown) => {
    try {
      const { value, transfer = [] } = await answer(question, side);
      port.postMessage({ answer: value }, [...transfer]);
    } catch (error) {
      port.postMessage({ error: error instanceof Error ? error.message : String(error) });
    }
  });
}
