import { stat } from 'node:fs/promises';

/**
 * Size and time of change of a file: another one means another content. A link's is that of what it leads to.
 * @throws the operating system's error when there is no such file
 */
export async function fileStamp(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size}-${Math.round(mtimeMs)}`;
}
