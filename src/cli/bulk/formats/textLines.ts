import type { FileHandle } from 'node:fs/promises';
import { writeAll } from '../../../checkpoint/files/atomic.ts';

/** Characters that are collected before they are written. */
const BUFFER = 2 ** 18;

/** Writes lines, many at once. */
export async function writeLines(
  file: FileHandle,
  lines: AsyncIterable<string> | Iterable<string>,
): Promise<void> {
  let held: string[] = [];
  let length = 0;
  const flush = async () => {
    await writeAll(file, Buffer.from(held.join('')));
    held = [];
    length = 0;
  };
  for await (const line of lines) {
    held.push(line, '\n');
    length += line.length;
    if (length > BUFFER) await flush();
  }
  await flush();
}
