import type { FileHandle } from 'node:fs/promises';
import { byteWidth, type DType, type NdArray, sizeOf } from '../../tensor/ndarray.ts';
import { check, flag, optional, rule, settings } from '../../tensor/settings.ts';
import { writeAll, writeAtomic } from '../files/atomic.ts';
import {
  CHECKSUMS_KEY,
  type Checksums,
  checksumText,
  continueChecksum,
  type Described,
  formatChecksums,
} from '../files/checksums.ts';
import { CheckpointError, quote } from '../files/errors.ts';
import { assertFiniteTensor } from './finite.ts';
import { FILE_DTYPES, LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY } from './header.ts';

/** A tensor whose dtype and shape are known and whose numbers are fetched when their turn comes. */
export interface LazyTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  load(): Promise<NdArray>;
}

export type TensorSource = NdArray | LazyTensor;

/** Tensors by name: an object, a Map, or any iterable of pairs. */
export type NamedTensors =
  | Iterable<readonly [string, NdArray | LazyTensor]>
  | Readonly<Record<string, NdArray | LazyTensor>>;

export interface WriteOptions {
  /** Free strings for the header; `{ format: 'pt' }` is what Python `transformers` asks for. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Also writes a checksum of each tensor, which readers of ours compare with what they read. Default false. */
  readonly checksums?: boolean;
  /** Refuses NaN and infinities. Default false. */
  readonly finite?: boolean;
}

const isRecordOfTexts = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((one) => typeof one === 'string');

const writeSchema = settings<WriteOptions>({
  metadata: optional(rule('an object whose values are texts', isRecordOfTexts)),
  checksums: optional(flag),
  finite: optional(flag),
});

const RANKS: readonly DType[] = [...FILE_DTYPES.values()];
const FILE_NAMES = new Map([...FILE_DTYPES].map(([fileName, dtype]) => [dtype, fileName]));

const isIterable = (tensors: NamedTensors): tensors is Iterable<readonly [string, TensorSource]> =>
  Symbol.iterator in tensors;

export const byteLengthOf = ({ dtype, shape }: TensorDescription): number => byteWidth(dtype) * sizeOf(shape);

/** Pairs in the reference implementation's order: widest dtype first (so all data is aligned), then by name. */
export function orderTensors(tensors: NamedTensors): (readonly [string, TensorSource])[] {
  const pairs = isIterable(tensors) ? [...tensors] : Object.entries(tensors);
  return pairs.sort(
    ([a, { dtype: x }], [b, { dtype: y }]) =>
      RANKS.indexOf(y) - RANKS.indexOf(x) || Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
}

function assertNames(path: string, pairs: Pairs): void {
  if (pairs.some(([name]) => name === METADATA_KEY)) {
    throw new CheckpointError(path, `"${METADATA_KEY}" cannot name a tensor; rename it`);
  }
  const names = new Set(pairs.map(([name]) => name));
  if (names.size !== pairs.length)
    throw new CheckpointError(path, 'two tensors have the same name; rename one of them');
}

type Pairs = readonly (readonly [string, TensorSource])[];

/** What a header says of a tensor. */
export type TensorDescription = Pick<NdArray, 'dtype' | 'shape'>;

/**
 * Length bytes and JSON header, padded with spaces so that the data starts at a multiple of eight.
 * @param pairs in the order of their data
 * @throws CheckpointError when it is too large to be read again
 */
export function safetensorsHeader(
  path: string,
  pairs: readonly (readonly [string, TensorDescription])[],
  { metadata }: Pick<WriteOptions, 'metadata'>,
): Buffer {
  const entries: [string, unknown][] = metadata ? [[METADATA_KEY, metadata]] : [];
  let at = 0;
  for (const [name, tensor] of pairs) {
    const end = at + byteLengthOf(tensor);
    entries.push([
      name,
      { dtype: FILE_NAMES.get(tensor.dtype), shape: tensor.shape, data_offsets: [at, end] },
    ]);
    at = end;
  }
  // Built by hand: an object would move names that look like numbers to the front.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const size = Math.ceil(Buffer.byteLength(json) / 8) * 8;
  if (size > MAX_HEADER_BYTES)
    throw new CheckpointError(path, `the header would need ${size} bytes; write shards`);
  const header = Buffer.alloc(LENGTH_BYTES + size, ' ');
  header.writeBigUInt64LE(BigInt(size));
  header.write(json, LENGTH_BYTES);
  return header;
}

const describe = (pairs: Pairs): Map<string, Described> =>
  new Map(pairs.map(([name, { dtype, shape }]) => [name, { fileDtype: FILE_NAMES.get(dtype)!, shape }]));

/** The metadata with checksums; those that are not known yet are zeros, which take as much room. */
const withChecksums = (
  metadata: Readonly<Record<string, string>>,
  pairs: Pairs,
  known: Checksums,
): Readonly<Record<string, string>> => {
  const all = new Map(pairs.map(([name]) => [name, known.get(name) ?? checksumText(0)]));
  return { ...metadata, [CHECKSUMS_KEY]: formatChecksums(describe(pairs), metadata, all) };
};

async function loadChecked(path: string, name: string, source: TensorSource): Promise<NdArray> {
  const array = 'load' in source ? await source.load() : source;
  const same = array.dtype === source.dtype && array.data.byteLength === byteLengthOf(source);
  if (!same) {
    const expected = `${source.dtype}[${source.shape.join(', ')}]`;
    throw new CheckpointError(
      path,
      `tensor ${quote(name)} should be ${expected}, got ${array.dtype} of ${array.data.length}; correct what was announced`,
    );
  }
  return array;
}

/** Bytes that are written and checked at a time. */
const PIECE = 16 * 2 ** 20;

/** Writes a tensor's bytes. @returns their checksum */
async function writeTensor(file: FileHandle, bytes: Uint8Array): Promise<string> {
  let checksum = 0;
  for (let done = 0; done < bytes.length; done += PIECE) {
    const piece = bytes.subarray(done, done + PIECE);
    const writing = writeAll(file, piece);
    // The processor's work while the disk has its own.
    checksum = continueChecksum(piece, checksum);
    await writing;
  }
  return checksumText(checksum);
}

/**
 * Writes a safetensors file atomically: one tensor in memory at a time where tensors are lazy, flushed to disk, and
 * byte for byte what the reference implementation writes for the same tensors and metadata.
 * @throws CheckpointError for repeated or reserved names, a tensor that is not what it announced, or, where `finite` asks
 * for it, one that holds NaN or an infinity; RangeError naming the option that is none.
 * @example
 * await writeSafetensors('out/numbers.safetensors', { numbers: float32([2], [1, 2]) });
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  options: WriteOptions = {},
): Promise<void> {
  check('write', writeSchema, options);
  const { metadata, checksums = false, finite = false } = options;
  const pairs = orderTensors(tensors);
  assertNames(path, pairs);
  const known = new Map<string, string>();
  const header = () =>
    safetensorsHeader(path, pairs, {
      ...(checksums ? { metadata: withChecksums(metadata ?? {}, pairs, known) } : metadata && { metadata }),
    });
  const first = header();
  await writeAtomic(path, async (file) => {
    await writeAll(file, first);
    for (const [name, source] of pairs) {
      const array = await loadChecked(path, name, source);
      if (finite) assertFiniteTensor(path, name, array);
      const bytes = new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
      if (checksums) known.set(name, await writeTensor(file, bytes));
      else await writeAll(file, bytes);
    }
    if (checksums) await writeAll(file, header(), 0);
  });
}
