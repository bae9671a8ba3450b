import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { endTemporary, temporaryBeside } from '../../../checkpoint/files/leftovers.ts';

/**
 * Works with a model that is saved into a run's folder for that alone: what is measured is what would be saved.
 * @param save writes the model into a folder
 */
export async function withCandidate<T>(
  runDir: string,
  save: (folder: string) => Promise<void>,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  // Named as what is written into a folder: where the process is killed, the next one removes it.
  const candidate = temporaryBeside(join(runDir, 'candidate'));
  try {
    await save(candidate);
    return await use(candidate);
  } finally {
    await rm(candidate, { recursive: true, force: true });
    endTemporary(candidate);
  }
}
