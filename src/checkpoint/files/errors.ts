import type { z } from 'zod';

/** A checkpoint file or directory that cannot be used; the message names the file, the fault and the remedy. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  /** The file or directory at fault. */
  readonly file: string;

  /** @param fault one sentence: what is wrong, a semicolon, what to do about it. */
  constructor(file: string, fault: string, options?: ErrorOptions) {
    super(`${file}: ${fault}`, options);
    this.file = file;
  }
}

/** A file whose bytes are not what some program once wrote, or not in the format that was expected. */
export const damaged = (file: string, fault: string, options?: ErrorOptions): CheckpointError =>
  new CheckpointError(file, `${fault}; fetch or save it again`, options);

/** A text that people may have written themselves. */
export const unreadable = (file: string, fault: string, options?: ErrorOptions): CheckpointError =>
  new CheckpointError(file, `${fault}; correct the file, or fetch it again`, options);

/** A settings file with a field that cannot be used. */
export const wrongField = (file: string, fault: string, options?: ErrorOptions): CheckpointError =>
  new CheckpointError(file, `${fault}; correct it, or use the file that came with the weights`, options);

/** The first thing that zod found wrong, after the field's path. */
export function firstIssue({ issues: [issue] }: z.ZodError, whole = 'the file'): string {
  return `${issue?.path.join('.') || whole}: ${issue?.message}`;
}

/** Shortens a name taken from a file so that a hostile file cannot make a huge message. */
export const quote = (text: string, limit = 120): string =>
  JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
