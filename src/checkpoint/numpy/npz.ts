import * as zlib from 'node:zlib';
import { type DType, type NdArray, ndarray, sizeOf, viewBytes, zeros } from '../../tensor/ndarray.ts';
import { CheckpointError, damaged, quote } from '../files/errors.ts';
import { ReadableFile } from '../files/readableFile.ts';
import { readExactly } from '../safetensors/checkedReads.ts';
import { MAX_NPY_HEADER, type NpyHeader, parseNpyHeader } from './npy.ts';
import { permute } from './permute.ts';
import { memberStart, readZipDirectory, type ZipMember } from './zip.ts';

export interface NpzEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** An open archive of arrays. */
export interface NpzFile {
  readonly path: string;
  /** By name, without the `.npy` ending. */
  readonly arrays: ReadonlyMap<string, NpzEntry>;
  /** Reads an array, or only row `row` of its first axis. */
  read(name: string, row?: number): Promise<NdArray>;
  close(): Promise<void>;
}

interface StoredArray extends NpyHeader {
  readonly member: ZipMember;
  /** Position of the member's first byte (its .npy header). */
  readonly start: number;
  /** A deflated member whose rows are being asked for one at a time, and those that were. */
  rows?: { readonly bytes: Buffer; readonly asked: Set<number> } | undefined;
}

/** Deflate cannot shrink more than this: a larger claim is a lie told to cause a huge allocation. */
const MAX_DEFLATE_RATIO = 1032;

/** The first bytes of a deflated member, as many as an array's header may need; what follows stays packed. */
async function inflateHead(
  file: ReadableFile,
  path: string,
  member: ZipMember,
  start: number,
): Promise<Buffer> {
  const wanted = Math.min(MAX_NPY_HEADER, member.size);
  // Deflate never grows bytes by more than five in 16 KiB.
  const packed = Buffer.alloc(Math.min(member.packedSize, MAX_NPY_HEADER + 64));
  await readExactly(file, path, packed, start);
  const inflater = zlib.createInflateRaw({ finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const parts: Buffer[] = [];
  let length = 0;
  try {
    inflater.end(packed);
    for await (const part of inflater) {
      parts.push(part);
      length += part.length;
      if (length >= wanted) break;
    }
  } catch (cause) {
    throw damaged(path, `${quote(member.name)} cannot be decompressed`, { cause });
  }
  return Buffer.concat(parts).subarray(0, wanted);
}

/** A whole deflated member, its checksum compared. */
async function inflate(file: ReadableFile, path: string, { member, start }: StoredArray): Promise<Buffer> {
  const fail = (fault: string, cause?: unknown): never => {
    throw damaged(path, `${quote(member.name)} ${fault}`, { cause });
  };
  const packed = Buffer.alloc(member.packedSize);
  await readExactly(file, path, packed, start);
  let bytes: Buffer;
  try {
    bytes = zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, member.size) });
  } catch (cause) {
    return fail('cannot be decompressed', cause);
  }
  if (bytes.length !== member.size) return fail(`has ${bytes.length} bytes, expected ${member.size}`);
  assertChecksum(path, member, bytes);
  return bytes;
}

async function openArray(
  file: ReadableFile,
  path: string,
  name: string,
  member: ZipMember,
): Promise<StoredArray> {
  const start = await memberStart(file, path, member);
  const deflated = member.compression === 'deflated';
  if (deflated && member.size > member.packedSize * MAX_DEFLATE_RATIO + 64) {
    throw damaged(path, `${quote(member.name)} claims an impossible size`);
  }
  const head = deflated
    ? await inflateHead(file, path, member, start)
    : Buffer.alloc(Math.min(MAX_NPY_HEADER, member.size));
  if (!deflated) await readExactly(file, path, head, start);
  return { ...parseNpyHeader(head, member.size, path, name), member, start };
}

/** A deflated member's bytes, kept from its first row to its last. */
async function inflatedRows(
  file: ReadableFile,
  path: string,
  array: StoredArray,
  row: number,
): Promise<Buffer> {
  array.rows ??= { bytes: await inflate(file, path, array), asked: new Set() };
  const { bytes, asked } = array.rows;
  asked.add(row);
  if (asked.size === array.shape[0]) array.rows = undefined;
  return bytes;
}

/** Fills `target` with bytes of a member, from `at` on. */
async function readData(
  file: ReadableFile,
  path: string,
  array: StoredArray,
  at: number,
  target: Uint8Array,
) {
  if (array.member.compression === 'stored') return readExactly(file, path, target, array.start + at);
  const bytes = await inflate(file, path, array);
  target.set(bytes.subarray(at, at + target.length));
}

/** Compares a member's checksum, where this Node has the function (20.15 and later). */
function assertChecksum(path: string, member: ZipMember, ...parts: readonly Uint8Array[]): void {
  if (typeof zlib.crc32 !== 'function') return;
  let checksum = 0;
  // For no bytes at all the function forgets where it started.
  for (const part of parts) if (part.length > 0) checksum = zlib.crc32(part, checksum);
  if (checksum !== member.crc32) throw damaged(path, `${quote(member.name)} is damaged (checksum)`);
}

async function readWhole(file: ReadableFile, path: string, array: StoredArray): Promise<NdArray> {
  const shape = array.fortran ? array.shape.toReversed() : array.shape;
  const whole: NdArray = zeros<DType>(array.dtype, shape);
  await readData(file, path, array, array.headerLength, viewBytes(whole.data));
  if (array.member.compression === 'stored') {
    const header = Buffer.alloc(array.headerLength);
    await readExactly(file, path, header, array.start);
    assertChecksum(path, array.member, header, viewBytes(whole.data));
  }
  return array.fortran
    ? permute(
        whole,
        shape.map((_, axis) => shape.length - 1 - axis),
      )
    : whole;
}

async function readRow(file: ReadableFile, path: string, array: StoredArray, row: number): Promise<NdArray> {
  const [rows, ...shape] = array.shape;
  if (rows === undefined || row < 0 || row >= rows) {
    throw new CheckpointError(
      path,
      `${quote(array.member.name)} has no row ${row}; name one of its ${rows ?? 0}`,
    );
  }
  if (array.fortran) {
    const whole = await readWhole(file, path, array);
    const size = sizeOf(shape);
    const part: NdArray = { ...whole, shape, data: whole.data.slice(row * size, (row + 1) * size) };
    return ndarray<DType>(part.dtype, shape, part.data);
  }
  const out: NdArray = zeros<DType>(array.dtype, shape);
  const target = viewBytes(out.data);
  const at = array.headerLength + row * target.length;
  if (array.member.compression === 'stored') await readData(file, path, array, at, target);
  else target.set((await inflatedRows(file, path, array, row)).subarray(at, at + target.length));
  return out;
}

/**
 * Opens a numpy `.npz` archive of float32, float16, bfloat16 or integer arrays. Stored members (what `np.savez`
 * writes) are read straight from the file; deflated ones are decompressed when asked for, and kept only while their rows are
 * being asked for one by one.
 * @throws CheckpointError when the archive or one of its headers is damaged.
 */
export async function openNpz(path: string): Promise<NpzFile> {
  const file = await ReadableFile.open(path).catch((cause: unknown) => {
    throw new CheckpointError(path, 'cannot be opened; check that the file exists and is readable', {
      cause,
    });
  });
  try {
    const arrays = new Map<string, StoredArray>();
    for (const [member, entry] of await readZipDirectory(file, path)) {
      const name = member.replace(/\.npy$/, '');
      arrays.set(name, await openArray(file, path, name, entry));
    }
    return {
      path,
      arrays,
      read: async (name, row) => {
        const array = arrays.get(name);
        if (!array)
          throw new CheckpointError(path, `has no array ${quote(name)}; see \`arrays\` for those it has`);
        return row === undefined ? readWhole(file, path, array) : readRow(file, path, array, row);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
