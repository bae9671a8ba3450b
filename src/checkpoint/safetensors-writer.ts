import { byteWidth, type DType, type NdArray, sizeOf } from '../tensor/ndarray.ts';
import { writeAll, writeAtomic } from './atomic.ts';
import { CheckpointError, quote } from './errors.ts';
import { FILE_DTYPES, LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY } from './safetensors-header.ts';

/** A tensor whose dtype and shape are known and whose numbers are fetched when their turn comes. */
export interface LazyTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  load(): Promise<NdArray>;
}

export type TensorSource = NdArray | LazyTensor;

/** Tensors by name: an object, a Map, or any iterable of pairs. */
export type NamedTensors = Iterable<readonly [string, TensorSource]> | Readonly<Record<string, TensorSource>>;

export interface WriteOptions {
  /** Free strings for the header; `{ format: 'pt' }` is what Python `transformers` asks for. */
  readonly metadata?: Readonly<Record<string, string>>;
}

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

function assertNames(path: string, pairs: readonly (readonly [string, TensorSource])[]): void {
  if (pairs.some(([name]) => name === METADATA_KEY)) {
    throw new CheckpointError(path, `"${METADATA_KEY}" cannot name a tensor; rename it`);
  }
  const names = new Set(pairs.map(([name]) => name));
  if (names.size !== pairs.length)
    throw new CheckpointError(path, 'two tensors have the same name; rename one of them');
}

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
  options: WriteOptions,
): Buffer {
  const entries: [string, unknown][] = options.metadata ? [[METADATA_KEY, options.metadata]] : [];
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

async function loadChecked(path: string, name: string, source: TensorSource): Promise<Uint8Array> {
  const array = 'load' in source ? await source.load() : source;
  const same = array.dtype === source.dtype && array.data.byteLength === byteLengthOf(source);
  if (!same) {
    const expected = `${source.dtype}[${source.shape.join(', ')}]`;
    throw new CheckpointError(
      path,
      `tensor ${quote(name)} should be ${expected}, got ${array.dtype} of ${array.data.length}; correct what was announced`,
    );
  }
  return new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.byteLength);
}

/**
 * Writes a safetensors file atomically: one tensor in memory at a time where tensors are lazy, flushed to disk, and
 * byte for byte what the reference implementation writes for the same tensors.
 * @throws CheckpointError for repeated or reserved names, or a tensor that is not what it announced.
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  options: WriteOptions = {},
): Promise<void> {
  const pairs = orderTensors(tensors);
  assertNames(path, pairs);
  const header = safetensorsHeader(path, pairs, options);
  await writeAtomic(path, async (file) => {
    await writeAll(file, header);
    for (const [name, source] of pairs) await writeAll(file, await loadChecked(path, name, source));
  });
}
