/** Runs jobs one after another, and refuses new ones once it is closed. */
export interface Queue {
  /** @throws Error (rejects) with `closedMessage` after {@link Queue.close}. */
  add<T>(job: () => Promise<T>): Promise<T>;
  /** Refuses further jobs, waits for those in the queue, then runs `last`. Later calls return the same promise. */
  close(last: () => Promise<void>): Promise<void>;
}

/** An empty queue. */
export function createQueue(closedMessage: string): Queue {
  let tail: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  return {
    add(job) {
      if (closing) return Promise.reject(new Error(closedMessage));
      const result = tail.then(job);
      tail = result.catch(() => undefined);
      return result;
    },
    close(last) {
      closing ??= tail.then(last);
      return closing;
    },
  };
}
