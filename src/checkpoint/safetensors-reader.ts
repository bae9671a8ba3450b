import { type FileHandle, open } from 'node:fs/promises';
import { type DType, type NdArray, zeros } from '../tensor/ndarray.ts';
import { CheckpointError, damaged, quote } from './errors.ts';
import { widenInto } from './half.ts';
import {
  type HeaderLimits,
  LENGTH_BYTES,
  parseHeader,
  parseHeaderLength,
  type SafetensorsHeader,
  type TensorEntry,
  unreadDtype,
} from './safetensors-header.ts';

/** An open safetensors file whose header has been validated. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /** Reads a tensor in the dtype it is stored in. */
  read(name: string): Promise<NdArray>;
  /** Reads a float tensor of any width as float32. */
  readFloat32(name: string): Promise<NdArray<'float32'>>;
  close(): Promise<void>;
}

/** Linux transfers at most this many bytes (2^31 − 4096) in one call. */
const MAX_READ = 2 ** 30;

/** Fills `target` from a position in the file: one allocation, no intermediate copy. */
export async function readExactly(
  file: FileHandle,
  path: string,
  target: Uint8Array,
  at: number,
): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const length = Math.min(MAX_READ, target.length - done);
    const { bytesRead } = await file.read(target, done, length, at + done);
    if (bytesRead === 0) throw damaged(path, `ended at byte ${at + done} while it was being read`);
    done += bytesRead;
  }
}

const bytesOf = (data: ArrayBufferView): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

async function readRaw(file: FileHandle, path: string, name: string, entry: TensorEntry): Promise<NdArray> {
  const array: NdArray = zeros<DType>(entry.dtype, entry.shape);
  const bytes = bytesOf(array.data);
  await readExactly(file, path, bytes, entry.offset);
  if (entry.dtype === 'bool' && bytes.some((byte) => byte > 1)) {
    throw damaged(path, `tensor ${quote(name)} is boolean but holds bytes other than 0 and 1`);
  }
  return array;
}

async function readWidened(
  file: FileHandle,
  path: string,
  name: string,
  { dtype, shape, offset, byteLength }: TensorEntry,
): Promise<NdArray<'float32'>> {
  if (dtype !== 'float32' && dtype !== 'float16' && dtype !== 'bfloat16') {
    throw new CheckpointError(path, `tensor ${quote(name)} has dtype ${dtype}, expected a float; convert it`);
  }
  const array = zeros('float32', shape);
  const { data } = array;
  // 16-bit values land in the last part of the final buffer and are widened in place.
  const tail = data.byteLength - byteLength;
  await readExactly(file, path, new Uint8Array(data.buffer, tail, byteLength), offset);
  if (dtype !== 'float32') widenInto(data, new Uint16Array(data.buffer, tail, data.length), dtype);
  return array;
}

async function readHeader(file: FileHandle, path: string, limits: HeaderLimits): Promise<SafetensorsHeader> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new CheckpointError(path, 'is not a file; name the .safetensors file itself');
  const { size } = stat;
  const prefix = new Uint8Array(Math.min(LENGTH_BYTES, size));
  await readExactly(file, path, prefix, 0);
  const json = new Uint8Array(parseHeaderLength(prefix, size, path, limits));
  await readExactly(file, path, json, LENGTH_BYTES);
  return parseHeader(json, size, path);
}

/**
 * Opens a safetensors file and validates its header; no tensor is read yet. F32, F16, BF16, I32, I64, U8 and BOOL
 * are understood; tensors of other types are listed as `unread`. Each tensor's absolute `offset` is public, so that an engine can map it out of the file.
 * @throws CheckpointError when the file cannot be opened or breaks the format in any way.
 */
export async function openSafetensors(path: string, limits: HeaderLimits = {}): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new CheckpointError(path, 'cannot be opened; check that the file exists and is readable', {
      cause,
    });
  });
  try {
    const header = await readHeader(file, path, limits);
    const entry = (name: string): TensorEntry => {
      const found = header.tensors.get(name);
      const other = header.unread.get(name);
      if (other !== undefined) throw unreadDtype(path, name, other);
      if (!found)
        throw new CheckpointError(path, `has no tensor ${quote(name)}; see \`tensors\` for those it has`);
      return found;
    };
    return {
      path,
      ...header,
      read: async (name) => readRaw(file, path, name, entry(name)),
      readFloat32: async (name) => readWidened(file, path, name, entry(name)),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
