/** Rate, time to go and waiting share since the run (re)started. */
export interface Clock {
  /** Awaits work of others; its time counts as idle. */
  waiting<T>(work: Promise<T>): Promise<T>;
  /** Awaits what is no part of training; its time does not count. */
  pausing<T>(work: Promise<T>): Promise<T>;
  /** After `step` updates. */
  at(step: number): { readonly stepsPerSecond: number; readonly eta: number; readonly idle: number };
}

/** @param first updates done when the clock starts @param total updates in all */
export function createClock(first: number, total: number): Clock {
  const start = performance.now();
  let waited = 0;
  let paused = 0;
  return {
    async waiting(work) {
      const from = performance.now();
      const value = await work;
      waited += performance.now() - from;
      return value;
    },
    async pausing(work) {
      const from = performance.now();
      try {
        return await work;
      } finally {
        paused += performance.now() - from;
      }
    },
    at(step) {
      const elapsed = performance.now() - start - paused;
      const stepsPerSecond = ((step - first) / elapsed) * 1000;
      return { stepsPerSecond, eta: (total - step) / stepsPerSecond, idle: waited / elapsed };
    },
  };
}
