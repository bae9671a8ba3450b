import type { DownloadProgress } from './options.ts';

/** Counts what is on disk of each file, and reports a change together with the sum. */
export interface ProgressMeter {
  /** A file that will be needed, and how much of it is there already. */
  expect(file: string, total: number, present: number): void;
  reached(file: string, received: number): void;
}

export function progressMeter(onProgress: (progress: DownloadProgress) => void): ProgressMeter {
  const files = new Map<string, { total: number; received: number }>();
  const sum = (field: 'total' | 'received') =>
    [...files.values()].reduce((whole, file) => whole + file[field], 0);
  return {
    expect(file, total, present) {
      files.set(file, { total, received: Math.min(present, total) });
    },
    reached(file, received) {
      const entry = files.get(file);
      if (!entry) return;
      entry.received = received;
      const overall = { received: sum('received'), total: sum('total') };
      onProgress({ file, received, total: entry.total, overall });
    },
  };
}
