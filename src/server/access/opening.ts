import { randomBytes } from 'node:crypto';
import { isAmong } from './secrets.ts';

/** For how long the browser may take to start, in milliseconds. */
const PATIENCE_MS = 120_000;

/**
 * How the browser that we start gets the owner's token: by a code that counts once. What a program is started with can be
 * read by everybody on the machine, for as long as it runs.
 */
export interface Opening {
  readonly code: string;
  /** The token, for the first one who has the code; undefined for all others, and when it is late. */
  take(code: string): string | undefined;
}

export function createOpening(token: string, now: () => number = () => performance.now()): Opening {
  const code = randomBytes(24).toString('base64url');
  const until = now() + PATIENCE_MS;
  let isTaken = false;
  return {
    code,
    take(given) {
      if (isTaken || now() > until || !isAmong(given, [code])) return undefined;
      isTaken = true;
      return token;
    },
  };
}
