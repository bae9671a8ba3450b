import { type FileHandle, open } from 'node:fs/promises';
import * as zlib from 'node:zlib';
import { byteWidth, type DType, type NdArray, ndarray, sizeOf, zeros } from '../tensor/ndarray.ts';
import { CheckpointError, damaged, quote } from './errors.ts';
import { MAX_NPY_HEADER, type NpyHeader, parseNpyHeader } from './npy.ts';
import { permute } from './permute.ts';
import { readExactly } from './safetensors-reader.ts';
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
  /** The member decompressed, kept because rows of a stack are asked for one at a time. */
  inflated?: Buffer;
}

/** Deflate cannot shrink more than this: a larger claim is a lie told to cause a huge allocation. */
const MAX_DEFLATE_RATIO = 1032;

async function inflate(file: FileHandle, path: string, member: ZipMember, start: number): Promise<Buffer> {
  const fail = (fault: string, cause?: unknown): never => {
    throw damaged(path, `${quote(member.name)} ${fault}`, { cause });
  };
  if (member.size > member.packedSize * MAX_DEFLATE_RATIO + 64) return fail('claims an impossible size');
  const packed = Buffer.alloc(member.packedSize);
  await readExactly(file, path, packed, start);
  let bytes: Buffer;
  try {
    bytes = zlib.inflateRawSync(packed, { maxOutputLength: Math.max(1, member.size) });
  } catch (cause) {
    return fail('cannot be decompressed', cause);
  }
  return bytes.length === member.size ? bytes : fail(`has ${bytes.length} bytes, expected ${member.size}`);
}

async function openArray(
  file: FileHandle,
  path: string,
  name: string,
  member: ZipMember,
): Promise<StoredArray> {
  const start = await memberStart(file, path, member);
  const inflated = member.compression === 'deflated' ? await inflate(file, path, member, start) : undefined;
  const head = inflated?.subarray(0, MAX_NPY_HEADER) ?? Buffer.alloc(Math.min(MAX_NPY_HEADER, member.size));
  if (!inflated) await readExactly(file, path, head, start);
  return { ...parseNpyHeader(head, member.size, path, name), member, start, ...(inflated && { inflated }) };
}

/** Fills `target` with the data bytes of an array from `from` on. */
async function readData(
  file: FileHandle,
  path: string,
  array: StoredArray,
  from: number,
  target: Uint8Array,
) {
  const at = array.headerLength + from;
  if (array.inflated) target.set(array.inflated.subarray(at, at + target.length));
  else await readExactly(file, path, target, array.start + at);
}

const bytesOf = ({ data }: NdArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Checks a whole member's checksum, where this Node has the function (20.15 and later). */
async function assertChecksum(
  file: FileHandle,
  path: string,
  array: StoredArray,
  data: Uint8Array,
): Promise<void> {
  if (typeof zlib.crc32 !== 'function') return;
  const header = Buffer.alloc(array.headerLength);
  await readData(file, path, array, -array.headerLength, header);
  const start = zlib.crc32(header);
  // For no bytes at all the function forgets where it started.
  const checksum = data.length === 0 ? start : zlib.crc32(data, start);
  if (checksum !== array.member.crc32) {
    throw damaged(path, `${quote(array.member.name)} is damaged (checksum)`);
  }
}

async function readWhole(file: FileHandle, path: string, array: StoredArray): Promise<NdArray> {
  const shape = array.fortran ? array.shape.toReversed() : array.shape;
  const whole: NdArray = zeros<DType>(array.dtype, shape);
  await readData(file, path, array, 0, bytesOf(whole));
  await assertChecksum(file, path, array, bytesOf(whole));
  return array.fortran
    ? permute(
        whole,
        shape.map((_, axis) => shape.length - 1 - axis),
      )
    : whole;
}

async function readRow(file: FileHandle, path: string, array: StoredArray, row: number): Promise<NdArray> {
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
  await readData(file, path, array, row * sizeOf(shape) * byteWidth(array.dtype), bytesOf(out));
  return out;
}

/**
 * Opens a numpy `.npz` archive of float32, float16, bfloat16 or integer arrays. Stored members (what `np.savez`
 * writes) are read straight from the file when asked for; deflated ones stay in memory.
 * @throws CheckpointError when the archive or one of its headers is damaged.
 */
export async function openNpz(path: string): Promise<NpzFile> {
  const file = await open(path, 'r').catch((cause: unknown) => {
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
