import { type Stats, stat } from 'node:fs';

/** A file that is there, or why nothing is known of it. */
export type Found =
  | { readonly path: string; readonly bytes: number; readonly modified: number; readonly fault?: undefined }
  | { readonly path: string; readonly fault: string };

/** Size and time of a file as collections keep them. */
export const factsOf = ({ size, mtimeMs }: Stats): { readonly bytes: number; readonly modified: number } => ({
  bytes: size,
  modified: Math.round(mtimeMs),
});

/** The callback form: a promise a file is half of the time that a million of them take. */
const find = (path: string, done: (found: Found) => void): void =>
  stat(path, (error, stats) => {
    if (error) return done({ path, fault: error.code ?? error.message });
    if (!stats.isFile()) return done({ path, fault: 'is not a file' });
    return done({ path, ...factsOf(stats) });
  });

const CHUNK = 512;

/** Looks at files, in their order; what links lead to, for links. */
export async function* statFiles(paths: readonly string[]): AsyncGenerator<Found> {
  for (let start = 0; start < paths.length; start += CHUNK) {
    const chunk = paths.slice(start, start + CHUNK);
    const found: Found[] = new Array(chunk.length);
    await new Promise<void>((resolve) => {
      let left = chunk.length;
      for (const [i, path] of chunk.entries())
        find(path, (one) => {
          found[i] = one;
          left--;
          if (left === 0) resolve();
        });
    });
    yield* found;
  }
}
