import { type DType, type NdArray, viewBytes, zeros } from '../../tensor/ndarray.ts';
import { CheckpointError, damaged, quote } from '../files/errors.ts';
import { ReadableFile } from '../files/readableFile.ts';
import { widenInto } from './castFloat.ts';
import { type CheckedFile, readChecked, readExactly, scanChecked } from './checkedReads.ts';
import {
  type HeaderLimits,
  LENGTH_BYTES,
  parseHeader,
  parseHeaderLength,
  type SafetensorsHeader,
  type TensorEntry,
  unreadDtype,
} from './header.ts';

/** An open safetensors file whose header has been validated. */
export interface SafetensorsFile extends SafetensorsHeader {
  readonly path: string;
  /** Reads a tensor in the dtype it is stored in. */
  read(name: string): Promise<NdArray>;
  /** Reads a float tensor of any width as float32. */
  readFloat32(name: string): Promise<NdArray<'float32'>>;
  /**
   * Hands on a tensor's bytes piece by piece, for whoever looks at it without holding it. A piece is overwritten when
   * the next one comes.
   */
  scan(name: string, onPiece: (bytes: Uint8Array) => void): Promise<void>;
  /** Whether its path still leads to the same bytes: another file may have been put there since. */
  isUnchanged(): Promise<boolean>;
  /** Also happens when nothing refers to the file any more. */
  close(): Promise<void>;
}

async function readRaw(opened: CheckedFile, name: string, entry: TensorEntry): Promise<NdArray> {
  const array: NdArray = zeros<DType>(entry.dtype, entry.shape);
  const bytes = viewBytes(array.data);
  await readChecked(opened, name, bytes, entry.offset);
  if (entry.dtype === 'bool' && bytes.some((byte) => byte > 1)) {
    throw damaged(opened.path, `tensor ${quote(name)} is boolean but holds bytes other than 0 and 1`);
  }
  return array;
}

async function readWidened(
  opened: CheckedFile,
  name: string,
  { dtype, shape, offset, byteLength }: TensorEntry,
): Promise<NdArray<'float32'>> {
  if (dtype !== 'float32' && dtype !== 'float16' && dtype !== 'bfloat16') {
    const fault = `tensor ${quote(name)} has dtype ${dtype}, expected a float; convert it`;
    throw new CheckpointError(opened.path, fault);
  }
  const array = zeros('float32', shape);
  const { data } = array;
  // 16-bit values land in the last part of the final buffer and are widened in place.
  const tail = data.byteLength - byteLength;
  await readChecked(opened, name, new Uint8Array(data.buffer, tail, byteLength), offset);
  if (dtype !== 'float32') widenInto(data, new Uint16Array(data.buffer, tail, data.length), dtype);
  return array;
}

async function readHeader(
  file: ReadableFile,
  path: string,
  limits: HeaderLimits,
): Promise<SafetensorsHeader> {
  const stat = file.stat;
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
 * Where the file has checksums, what is read is compared with them.
 * @throws CheckpointError when the file cannot be opened or breaks the format in any way; reading throws it, with the
 * tensor's name, when the bytes are not those that were saved.
 * @example
 * const file = await openSafetensors('model.safetensors');
 * console.log([...file.tensors.keys()]);
 */
export async function openSafetensors(path: string, limits: HeaderLimits = {}): Promise<SafetensorsFile> {
  const file = await ReadableFile.open(path).catch((cause: unknown) => {
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
    const opened: CheckedFile = { file, path, ...(header.checksums && { checksums: header.checksums }) };
    return {
      path,
      ...header,
      read: async (name) => readRaw(opened, name, entry(name)),
      readFloat32: async (name) => readWidened(opened, name, entry(name)),
      scan: async (name, onPiece) => scanChecked(opened, name, entry(name), onPiece),
      isUnchanged: () => file.isUnchanged(),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
