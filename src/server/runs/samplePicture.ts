import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readSamples, samplesFolder } from '../../train/run/samples/files.ts';

/** Most bytes of a picture that a run wrote: it is small. */
const MOST_BYTES = 2 ** 20;

/**
 * A picture of a run's samples. Its file is named by the run, not by who asks, and lies in the run's folder: a link in its
 * place, which could lead anywhere, is not followed.
 * @returns undefined where there is none
 */
export async function samplePicture(
  runDir: string,
  place: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const named = (await readSamples(runDir)).pictures[place];
  if (!named) return undefined;
  const path = join(samplesFolder(runDir), named.image);
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(() => undefined);
  if (!file) return undefined;
  try {
    const found = await file.stat();
    if (!found.isFile() || found.size > MOST_BYTES) return undefined;
    return Uint8Array.from(await file.readFile());
  } finally {
    await file.close();
  }
}
