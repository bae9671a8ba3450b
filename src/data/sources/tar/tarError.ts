import type { BadReason } from '../../samples/sample.ts';

/** An archive that can't be read on from a place. */
export class TarError extends Error {
  override readonly name = 'TarError';
  readonly reason: BadReason & ('truncated-archive' | 'corrupt-archive');
  constructor(reason: TarError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export const truncated = (message: string): TarError => new TarError('truncated-archive', message);
export const corrupt = (message: string): TarError => new TarError('corrupt-archive', message);
