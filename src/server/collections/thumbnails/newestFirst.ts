import { throwIfGone } from '../../requests/budget.ts';

/** Does work a little at a time, what was asked for last first: a person who scrolls wants to see what is there now. */
export type NewestFirst = <T>(work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/**
 * @param atOnce how much is done at the same time
 * @returns what does work; it throws the signal's reason where that is aborted before the work has begun
 */
export function newestFirst(atOnce: number): NewestFirst {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function turn(signal: AbortSignal | undefined): Promise<void> {
    throwIfGone(signal);
    if (running < atOnce) {
      running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const giveUp = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', giveUp, { once: true });
      waiting.push(go);
    });
  }

  return async (work, signal) => {
    await turn(signal);
    try {
      return await work();
    } finally {
      const next = waiting.pop();
      // Its place goes on to the next.
      if (next) next();
      else running--;
    }
  };
}
