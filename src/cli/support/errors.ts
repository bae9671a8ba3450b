/** The command line itself is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The user stopped the command: exit code 130, as shells report SIGINT. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/** All is done, but more inputs were bad than allowed: exit code 3. */
export class BadInputsError extends Error {
  override readonly name = 'BadInputsError';
}

export const EXIT = { ok: 0, failed: 1, usage: 2, bad: 3, interrupted: 130 } as const;

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof BadInputsError) return EXIT.bad;
  return error instanceof InterruptedError ? EXIT.interrupted : EXIT.failed;
}

/** An error for the terminal: one line, or the whole stack with its causes. */
export function formatError(error: unknown, verbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (verbose) {
    const cause = error.cause === undefined ? '' : `\ncaused by: ${formatError(error.cause, true)}`;
    return `${error.stack ?? error.message}${cause}`;
  }
  return error.message.trim().replace(/\s*\n\s*/g, ' ');
}
