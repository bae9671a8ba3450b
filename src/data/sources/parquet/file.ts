import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { AsyncBuffer } from 'hyparquet';

/** A file that is read at once, piece by piece: in a thread of its own nothing waits for it. */
export interface PieceFile extends AsyncBuffer {
  slice(start: number, end?: number): ArrayBuffer;
  close(): void;
}

/**
 * @param maxBytes most bytes of one piece
 * @throws Error when a piece is larger, or lies outside of the file: places come from the file itself
 */
export function openPieces(path: string, maxBytes: number): PieceFile {
  const handle = openSync(path, 'r');
  const { size } = fstatSync(handle);
  return {
    byteLength: size,
    slice(start, end = size) {
      const length = end - start;
      if (
        !(
          Number.isSafeInteger(start) &&
          Number.isSafeInteger(end) &&
          start >= 0 &&
          length >= 0 &&
          end <= size
        )
      )
        throw new Error(`it names bytes ${start} to ${end} of ${size}`);
      if (length > maxBytes)
        throw new Error(`it has a piece of ${length} bytes, more than the limit of ${maxBytes}`);
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const count = readSync(handle, bytes, at, length - at, start + at);
        if (count === 0) throw new Error(`it ended at byte ${start + at} while it was read`);
        at += count;
      }
      return bytes.buffer;
    },
    close: () => closeSync(handle),
  };
}
