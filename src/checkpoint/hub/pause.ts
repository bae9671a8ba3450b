/** Waits; a module of its own, so that tests can let the time pass. */
export const pause = (seconds: number): Promise<void> =>
  new Promise((done) => setTimeout(done, seconds * 1000));
