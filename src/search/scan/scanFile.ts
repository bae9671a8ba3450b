import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { writeAll, writeAtomic } from '../../checkpoint/files/atomic.ts';
import { createRows, type Rows, type RowsOptions } from './rows/rows.ts';
import { type Scan, scanOf } from './scan.ts';

/*
 * A scan's rows in a file, as they lie in memory, so that a million is open in less than a second. In front: four 32-bit
 * integers (mark, format, length and checksum of what follows), and a header as JSON. Integers are in the machine's own
 * order of bytes, as the rows are: on another machine the mark is wrong.
 *
 * It is a copy: whatever is wrong with it, it is made again.
 */

const MARK = 0x5c41_4e53;
/** Another one whenever rows, or how they are bounded, change. */
const FORMAT = 1;
const INTRO_BYTES = 16;
const MOST_HEADER_BYTES = 2 ** 20;
/** Records begin at a multiple of this. */
const ALIGNMENT = 64;

const whole = z.number().int().nonnegative();

const headerSchema = z.object({
  model: z.string(),
  width: whole,
  version: whole,
  rows: whole,
  reach: z.number().nonnegative(),
  /** CRC-32 of all records. */
  checksum: whole,
  /** Byte at which they begin. */
  start: whole,
});
type Header = z.output<typeof headerSchema>;

const LARGEST_CHECKSUM = 2 ** 32 - 1;

/** What the file begins with, filled up to where the records begin. */
function introOf(header: Header): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(header));
  const intro = Uint32Array.of(MARK, FORMAT, json.length, crc32(json));
  const bytes = new Uint8Array(Math.max(header.start, INTRO_BYTES + json.length));
  bytes.set(new Uint8Array(intro.buffer));
  bytes.set(json, INTRO_BYTES);
  return bytes;
}

/**
 * Writes the rows of a scan beside what they are rows of. A reader sees the old file or the whole new one.
 * @param model what the vectors are from: another file is not opened
 * @returns false where rows were changed meanwhile: then nothing is written
 * @throws FileWriteError
 */
export async function saveScan(path: string, { rows, version }: Scan, model: string): Promise<boolean> {
  const { changes, count } = rows;
  const changed = new Error('rows were changed while they were written');
  const header = { model, width: rows.layout.width, version, rows: count, reach: rows.reach };
  const longest = introOf({ ...header, checksum: LARGEST_CHECKSUM, start: 0 });
  // The longest checksum, and some digits for where the records begin.
  const start = Math.ceil((longest.length + 10) / ALIGNMENT) * ALIGNMENT;
  try {
    await writeAtomic(path, async (file) => {
      let [at, checksum] = [start, 0];
      for (const piece of rows.records(count)) {
        checksum = crc32(piece, checksum);
        await writeAll(file, piece, at);
        if (rows.changes !== changes) throw changed;
        at += piece.length;
      }
      await writeAll(file, introOf({ ...header, checksum, start }), 0);
    });
    return true;
  } catch (error) {
    if (error === changed) return false;
    throw error;
  }
}

export interface OpenScanOptions extends RowsOptions {
  readonly model: string;
  readonly width: number;
  /** Whether rows of this version are of use; asked before they are read. Default: of every version. */
  readonly accepts?: ((version: number) => boolean) | undefined;
}

/**
 * Opens the rows that were saved; undefined where the file is not there, cut, damaged, of another format, model or width,
 * or not accepted: then they are to be made again.
 * @throws RangeError where there is no memory for the rows
 */
export async function openScan(path: string, options: OpenScanOptions): Promise<Scan | undefined> {
  const file = await open(path).catch(() => undefined);
  if (!file) return undefined;
  try {
    const header = await readHeader(file);
    if (header?.model !== options.model || header.width !== options.width) return undefined;
    if (options.accepts?.(header.version) === false) return undefined;
    const rows = createRows(header.width, options);
    const size = header.start + header.rows * rows.layout.stride;
    if ((await file.stat()).size !== size) return undefined;
    const right = (await readRecords(file, header, rows)) && rows.adopt(header.rows, header.reach);
    return right ? scanOf(rows, header.version) : undefined;
  } finally {
    await file.close();
  }
}

/** Undefined where it is cut, damaged or of another format, or the disk cannot read it. */
async function readHeader(file: FileHandle): Promise<Header | undefined> {
  const intro = new Uint32Array(INTRO_BYTES / 4);
  if (!(await readAll(file, new Uint8Array(intro.buffer), 0))) return undefined;
  const [mark, format, length, checksum] = intro;
  if (mark !== MARK || format !== FORMAT || length! > MOST_HEADER_BYTES) return undefined;
  const json = new Uint8Array(length!);
  if (!(await readAll(file, json, INTRO_BYTES)) || crc32(json) !== checksum) return undefined;
  return headerSchema.safeParse(JSON.parse(new TextDecoder().decode(json))).data;
}

/** Reads one piece ahead, while the checksum of the one before is taken. */
async function readRecords(
  file: FileHandle,
  { rows: count, start, checksum }: Header,
  rows: Rows,
): Promise<boolean> {
  let [at, sum] = [start, 0];
  let before: { piece: Uint8Array; read: Promise<boolean> } | undefined;
  const take = async (): Promise<boolean> => {
    if (!before) return true;
    if (!(await before.read)) return false;
    sum = crc32(before.piece, sum);
    return true;
  };
  for (const piece of rows.records(count)) {
    const read = readAll(file, piece, at);
    at += piece.length;
    const right = await take();
    before = { piece, read };
    if (!right) break;
  }
  return (await take()) && sum === checksum;
}

/** False where the file ends before, or the disk cannot read it. */
async function readAll(file: FileHandle, bytes: Uint8Array, at: number): Promise<boolean> {
  try {
    for (let done = 0; done < bytes.length; ) {
      const { bytesRead } = await file.read(bytes, done, bytes.length - done, at + done);
      if (bytesRead === 0) return false;
      done += bytesRead;
    }
    return true;
  } catch {
    return false;
  }
}
