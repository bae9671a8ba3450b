/** Runs jobs one after another, and refuses new ones once it is closed. */
export interface Queue<Last> {
  /** Rejects with the queue's closing message after {@link Queue.close}. */
  add<T>(job: () => Promise<T>): Promise<T>;
  /** Refuses further jobs, waits for those in the queue, then runs `last`. Later calls give the first one's promise. */
  close(last: () => Promise<Last>): Promise<Last>;
}

/** An empty queue. */
export function createQueue<Last>(closedMessage: string): Queue<Last> {
  let tail: Promise<unknown> = Promise.resolve();
  let closing: Promise<Last> | undefined;
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
