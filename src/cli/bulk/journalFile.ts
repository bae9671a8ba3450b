import { type FileHandle, open, rm } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { writeAll, writingFile } from '../../checkpoint/files/atomic.ts';
import { checksumText } from '../../checkpoint/files/checksums.ts';

/** Where a line of a journal lies. */
export interface LinePlace {
  readonly at: number;
  readonly length: number;
}

/** A line that is whole. */
export interface Line extends LinePlace {
  readonly value: unknown;
}

const CHUNK = 2 ** 20;
const LINE_FEED = 0x0a;
/** Digits of a line's checksum, and a space. */
const MARK = 9;

const checksum = (bytes: Uint8Array): string => checksumText(crc32(bytes));

/** A value as a line: its checksum, a space, and JSON. */
function lineOf(value: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${checksum(json)} `), json, Buffer.from('\n')]);
}

/** The value of a line without its end; undefined where the line is not what was written. */
function parsedLine(line: Buffer): { readonly value: unknown } | undefined {
  const json = line.subarray(MARK);
  if (line.toString('latin1', 0, MARK) !== `${checksum(json)} `) return undefined;
  return { value: JSON.parse(json.toString('utf8')) };
}

/** Lines from the start, up to the first that is torn or damaged. */
async function* wholeLines(file: FileHandle): AsyncGenerator<Line> {
  let held = Buffer.alloc(0);
  let at = 0;
  for (let from = 0; ; ) {
    const chunk = Buffer.alloc(CHUNK);
    const { bytesRead } = await file.read(chunk, 0, CHUNK, from);
    if (bytesRead === 0) return;
    from += bytesRead;
    held = Buffer.concat([held, chunk.subarray(0, bytesRead)]);
    for (let end = held.indexOf(LINE_FEED); end >= 0; end = held.indexOf(LINE_FEED)) {
      const whole = parsedLine(held.subarray(0, end));
      if (!whole) return;
      yield { at, length: end, ...whole };
      held = held.subarray(end + 1);
      at += end + 1;
    }
  }
}

/** A file of lines that grows at its end. */
export interface JournalFile {
  append(value: unknown): Promise<LinePlace>;
  read(place: LinePlace): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * Opens a file of lines, with what is whole of it: behind that it is cut off, which is where a killed process was
 * writing.
 * @param onLine called with each whole line
 */
export async function openJournalFile(path: string, onLine: (line: Line) => void): Promise<JournalFile> {
  const file = await writingFile(path, () =>
    open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return open(path, 'wx+');
      throw error;
    }),
  );
  let end = 0;
  try {
    const start = Buffer.alloc(MARK);
    const { bytesRead } = await file.read(start, 0, MARK, 0);
    if (bytesRead > 0 && !/^[0-9a-f]{1,8}( |$)/.test(start.toString('latin1', 0, bytesRead)))
      throw new Error(
        `${path}: is another program's file, where a journal would be: move it, or write elsewhere`,
      );
    for await (const line of wholeLines(file)) {
      onLine(line);
      end = line.at + line.length + 1;
    }
    await file.truncate(end);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    async append(value) {
      const line = lineOf(value);
      const place = { at: end, length: line.length - 1 };
      await writingFile(path, () => writeAll(file, line, end));
      end += line.length;
      return place;
    },
    async read({ at, length }) {
      const bytes = Buffer.alloc(length);
      const { bytesRead } = await file.read(bytes, 0, length, at);
      const whole = bytesRead === length ? parsedLine(bytes) : undefined;
      if (!whole) throw new Error(`${path}: is damaged: remove it to start again`);
      return whole.value;
    },
    close: () => file.close(),
  };
}

/** Removes a journal that is no longer needed. */
export const removeJournal = (path: string): Promise<void> => rm(path, { force: true });
