import { realpath, stat } from 'node:fs/promises';
import type { Picture } from '../collection/picture.ts';

/** What a path leads to: a link, a mount or other letters may give one file several paths. */
async function targetOf(path: string): Promise<{ readonly file: string; readonly isDirect: boolean }> {
  const real = await realpath(path).catch(() => path);
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  // Hard links are left apart: where one is removed, the others still have the content.
  const isOne = found !== undefined && found.nlink === 1n && found.ino !== 0n;
  return { file: isOne ? `${found.dev}:${found.ino}` : real, isDirect: real === path };
}

/**
 * Pictures of which each is a file of its own. Of paths that lead to one file, by links for example, one is kept, which is
 * no link if there is such a one: whoever removed a “copy” would lose the picture. Paths that lead nowhere stay.
 */
export async function distinctFiles(pictures: readonly Picture[]): Promise<Picture[]> {
  const targets = await Promise.all(pictures.map(({ path }) => targetOf(path)));
  const kept = new Map<string, number>();
  for (const [i, { file, isDirect }] of targets.entries()) {
    const known = kept.get(file);
    if (known === undefined || (isDirect && !targets[known]!.isDirect)) kept.set(file, i);
  }
  return pictures.filter((_, i) => kept.get(targets[i]!.file) === i);
}
