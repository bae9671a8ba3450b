import { ConnectionFailure, HttpFailure } from '../hubError.ts';
import { pause } from '../pause.ts';

export interface RetryOptions {
  /** Further attempts. */
  readonly retries: number;
  /** Receives what a user should know: why, and how long is waited. */
  readonly onNotice: (message: string) => void;
  /** A number that grows when an attempt got somewhere: then the attempts are counted anew. */
  readonly progress?: () => number;
}

/** As Python's huggingface_hub: 1, 2, 4, 8, 8 … seconds. */
const waitBefore = (attempt: number): number => Math.min(8, 2 ** attempt);

/** Longer than this is not waited for: a server could otherwise hold a program for ever. */
const LONGEST_WAIT = 300;

const BUSY: readonly number[] = [408, 429, 500, 502, 503, 504];

/** Whether another attempt may go better. */
const isPassing = (error: unknown): boolean =>
  error instanceof ConnectionFailure || (error instanceof HttpFailure && BUSY.includes(error.statusCode));

/**
 * Does work again while it fails as a busy server or a broken connection does, and waits as long as the server asks
 * (one second more, since it counts whole ones).
 * @throws the last failure.
 */
export async function withRetries<T>(work: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { retries, onNotice, progress = () => 0 } = options;
  let reached = progress();
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) throw error;
      if (progress() > reached) [reached, attempt] = [progress(), 0];
      const asked = error instanceof HttpFailure ? error.retryAfter : undefined;
      const wait = asked === undefined ? waitBefore(attempt) : asked + 1;
      if (attempt >= retries || wait > LONGEST_WAIT) throw error;
      const why = error instanceof Error ? error.message : String(error);
      if (wait > 1) onNotice(`${why}; asking again in ${wait} s`);
      await pause(wait);
    }
  }
}
