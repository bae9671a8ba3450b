import { close, fstat, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { truncated } from './tarError.ts';

// Numbers, not handles: a reader that is forgotten costs a number, where a forgotten handle ends newer Nodes.
const openFile = promisify(open);
const stateOf = promisify(fstat);
const readFile = promisify(read);
const closeFile = promisify(close);

/** Bytes that are read at once: most headers and small members then cost no read of their own. */
const WINDOW = 2 ** 18;

/** A file whose parts are read in order, mostly. Its size is that which it had when it was opened. */
export interface FileWindow {
  readonly size: number;
  /**
   * A copy of `length` bytes from a position; memory is taken only for what lies within the file.
   * @throws TarError when the file ends before
   */
  bytes(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openWindow(path: string): Promise<FileWindow> {
  const file = await openFile(path, 'r');
  const { size } = await stateOf(file).catch(async (error: unknown) => {
    await closeFile(file);
    throw error;
  });
  const held = new Uint8Array(Math.min(WINDOW, size));
  let [from, to] = [0, 0];

  async function fill(target: Uint8Array, position: number): Promise<void> {
    for (let at = 0; at < target.length; ) {
      const { bytesRead } = await readFile(file, target, at, target.length - at, position + at);
      if (bytesRead === 0) throw truncated(`the file ended at byte ${position + at} while it was read`);
      at += bytesRead;
    }
  }

  return {
    size,
    async bytes(position, length) {
      if (position + length > size)
        throw truncated(`end of data: ${length} bytes are claimed at byte ${position} of ${size}`);
      if (length > held.length) {
        const target = new Uint8Array(length);
        await fill(target, position);
        return target;
      }
      if (position < from || position + length > to) {
        const count = Math.min(held.length, size - position);
        to = 0;
        await fill(held.subarray(0, count), position);
        [from, to] = [position, position + count];
      }
      return held.slice(position - from, position - from + length);
    },
    close: () => closeFile(file),
  };
}
