import { stat } from 'node:fs/promises';

/** Whether there is a folder, or a link to one. */
export const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false;

/** Bytes of a file, or of what a link leads to; 0 where there is none. */
export const sizeOrZero = async (path: string): Promise<number> =>
  (await stat(path).catch(() => undefined))?.size ?? 0;

/** Whether there is a file, or a link to one. */
export const isFile = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isFile() ?? false;
