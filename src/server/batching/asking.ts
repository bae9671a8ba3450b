import { AsyncLocalStorage } from 'node:async_hooks';

/** Who asks an engine for something, while a request or a job is worked on. */
export interface Asking {
  /** Stops the asking: its client is gone. */
  readonly signal?: AbortSignal | undefined;
  /** Whether requests of others go first: of an index job. Default false. */
  readonly isBackground?: boolean;
}

/**
 * Known wherever a request is worked on, so that nothing between a route and the engine has to hand it on: each request is
 * given its turn, and what nobody waits for any more is not computed.
 */
const current = new AsyncLocalStorage<Asking>();

/** Does some work for one who asks. */
export const askingAs = <T>(asking: Asking, work: () => T): T => current.run(asking, work);

/** Who asks here; a call outside of requests asks for itself. */
export const whoAsks = (): Asking => current.getStore() ?? {};
