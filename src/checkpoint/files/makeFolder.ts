import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isFolder } from './stats.ts';

/**
 * Makes a folder and those above it. Level by level: the recursive `mkdir` of Node 20 never returns below a folder that
 * answers "no such file" to whoever makes something in it, as `/proc` does.
 * @throws the error of the file system for the first folder that cannot be made
 */
export async function makeFolder(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent);
  await mkdir(path).catch(async (error: unknown) => {
    // Another process was quicker, or a link leads to a folder.
    if (!(await isFolder(path))) throw error;
  });
}
