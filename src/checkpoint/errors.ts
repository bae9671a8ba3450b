/** A checkpoint file or directory that cannot be used; the message names the file, the fault and the remedy. */
export class CheckpointError extends Error {
  override readonly name = 'CheckpointError';
  /** The file or directory at fault. */
  readonly file: string;

  constructor(file: string, fault: string, options?: ErrorOptions) {
    super(`${file}: ${fault}`, options);
    this.file = file;
  }
}

/** Shortens a name taken from a file so that a hostile file cannot make a huge message. */
export const quote = (text: string, limit = 120): string =>
  JSON.stringify(text.length > limit ? `${text.slice(0, limit)}…` : text);
