import { z } from 'zod';
import { byteWidth, type DType } from '../../tensor/ndarray.ts';
import { check, count as countRule } from '../../tensor/settings.ts';
import { type Checksums, parseChecksums } from '../files/checksums.ts';
import { CheckpointError, damaged, quote } from '../files/errors.ts';
import { decodeUtf8, parseJson } from '../files/json.ts';

/**
 * Cap on the JSON header, in bytes, unless told otherwise: room for 150,000 tensors, of which a checkpoint has at most a
 * few thousand. The reference implementation allows 100 MB, which as objects take over a gigabyte.
 */
export const MAX_HEADER_BYTES = 16 * 2 ** 20;

/** What a reader of safetensors files puts up with. */
export interface HeaderLimits {
  /** Largest JSON header, in bytes. Default: 16 MiB. */
  readonly maxHeaderBytes?: number;
}

/** Bytes in front of the JSON header: its length as an unsigned 64-bit little-endian integer. */
export const LENGTH_BYTES = 8;

/** Key of the free string-to-string map in the header; not a tensor. */
export const METADATA_KEY = '__metadata__';

/** The format's dtype names, in the order in which the reference implementation ranks them. */
export const FILE_DTYPES: ReadonlyMap<string, DType> = new Map([
  ['BOOL', 'bool'],
  ['U8', 'uint8'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I32', 'int32'],
  ['F32', 'float32'],
  ['I64', 'int64'],
]);

/** Bits of the format's other types. Tensors of these may lie beside a model's, but cannot be read. */
const UNREAD_DTYPES: ReadonlyMap<string, number> = new Map([
  ['F4', 4],
  ['F6_E2M3', 6],
  ['F6_E3M2', 6],
  ['I8', 8],
  ['F8_E5M2', 8],
  ['F8_E4M3', 8],
  ['F8_E8M0', 8],
  ['F8_E4M3FNUZ', 8],
  ['F8_E5M2FNUZ', 8],
  ['I16', 16],
  ['U16', 16],
  ['U32', 32],
  ['F64', 64],
  ['U64', 64],
  ['C64', 64],
]);

/** One tensor of a file. */
export interface TensorEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Where its first byte lies, from the start of the file. */
  readonly offset: number;
  readonly byteLength: number;
}

export interface SafetensorsHeader {
  /** By name, in file order. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  /** Tensors of types that cannot be read, with the file's name of the type. */
  readonly unread: ReadonlyMap<string, string>;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the tensors' bytes; undefined where the file has none (see checksums.ts). */
  readonly checksums?: Checksums;
}

const count = z.int().min(0);
const entrySchema = z.strictObject({
  dtype: z.string(),
  shape: z.array(count),
  data_offsets: z.tuple([count, count]),
});
const objectSchema = z.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

/** The free string map. Not a zod record: that would drop a key named `__proto__`. */
function parseMetadata(value: unknown, file: string): Record<string, string> {
  const object = objectSchema.safeParse(value);
  const entries = Object.entries(object.data ?? {});
  const strings = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!object.success || strings.length < entries.length) {
    throw damaged(file, `${METADATA_KEY} must map strings to strings`);
  }
  return Object.fromEntries(strings);
}

/** Product of a shape in bytes, or undefined where it passes 2^53 or ends inside a byte. */
function checkedBytes(shape: readonly number[], bits: number): number | undefined {
  let total = bits;
  for (const n of shape) {
    total *= n;
    if (!Number.isSafeInteger(total)) return undefined;
  }
  return Number.isInteger(total / 8) ? total / 8 : undefined;
}

/** Where any tensor of the file lies, whether it can be read or not. */
interface Span {
  readonly fileDtype: string;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly byteLength: number;
}

/** The error for a tensor whose type cannot be read. */
export function unreadDtype(file: string, name: string, fileDtype: string): CheckpointError {
  const fault = `tensor ${quote(name)} has dtype ${quote(fileDtype, 20)}`;
  return new CheckpointError(file, `${fault}; convert it to one of ${[...FILE_DTYPES.keys()].join(', ')}`);
}

function parseSpan(name: string, value: unknown, dataStart: number, file: string): Span {
  const fail = (fault: string): never => {
    throw damaged(file, `tensor ${quote(name)} ${fault}`);
  };
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) return fail(`must be {dtype, shape, data_offsets} with whole numbers ≥ 0`);
  const { dtype: fileDtype, shape, data_offsets } = parsed.data;
  const dtype = FILE_DTYPES.get(fileDtype);
  const bits = dtype ? 8 * byteWidth(dtype) : UNREAD_DTYPES.get(fileDtype);
  if (bits === undefined) throw unreadDtype(file, name, fileDtype);
  const [begin, end] = data_offsets;
  const bytes = checkedBytes(shape, bits);
  if (bytes === undefined) return fail('has a shape whose size overflows or ends inside a byte');
  if (end - begin !== bytes) return fail(`spans ${end - begin} bytes, but its dtype and shape need ${bytes}`);
  return { fileDtype, shape, offset: dataStart + begin, byteLength: bytes };
}

/** Refuses gaps, overlaps, and data beyond or short of the file's end. */
function assertCovering(
  tensors: readonly (readonly [string, Span])[],
  start: number,
  end: number,
  file: string,
) {
  let expected = start;
  for (const [name, { offset, byteLength }] of tensors) {
    if (offset !== expected) {
      const fault = offset < expected ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw damaged(file, `tensor ${quote(name)} ${fault} (at byte ${offset}, expected ${expected})`);
    }
    expected += byteLength;
  }
  if (expected === end) return;
  const fault = expected > end ? 'is cut off' : 'has bytes that belong to no tensor';
  throw damaged(file, `${fault}: the header describes ${expected} bytes, the file has ${end}`);
}

/**
 * Length in bytes of the JSON header, from the first eight bytes of a file.
 * @throws CheckpointError when it exceeds the file or the limit: nothing of that size is allocated.
 */
export function parseHeaderLength(
  prefix: Uint8Array,
  fileSize: number,
  file: string,
  { maxHeaderBytes = MAX_HEADER_BYTES }: HeaderLimits = {},
): number {
  check('maxHeaderBytes', countRule, maxHeaderBytes);
  if (prefix.length < LENGTH_BYTES) {
    throw damaged(file, `has ${prefix.length} bytes, too few to be a safetensors file`);
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset, prefix.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    const fault = `header of ${length} bytes, more than maxHeaderBytes ${maxHeaderBytes}`;
    throw new CheckpointError(
      file,
      `${fault}; fetch or save it again if it is no safetensors file, or raise maxHeaderBytes`,
    );
  }
  if (Number(length) > fileSize - LENGTH_BYTES) {
    throw damaged(file, `is cut off: header of ${length} bytes in a file of ${fileSize}`);
  }
  return Number(length);
}

/**
 * Parses and validates the JSON header of a safetensors file.
 * @param json the header's bytes, without the eight length bytes.
 * @param fileSize bytes of the whole file; the tensors must cover the rest of it exactly, in any order, without gaps.
 * @throws CheckpointError at the first fault.
 * @see https://huggingface.co/docs/safetensors#format
 */
export function parseHeader(json: Uint8Array, fileSize: number, file: string): SafetensorsHeader {
  if (json[0] !== 0x7b) throw damaged(file, 'not a safetensors file: the header must begin with "{"');
  const root = objectSchema.safeParse(parseJson(decodeUtf8(json, file), file, 3));
  if (!root.success) throw damaged(file, 'the header must be a JSON object');
  const metadata = parseMetadata(root.data[METADATA_KEY] ?? {}, file);

  const dataStart = LENGTH_BYTES + json.length;
  const spans = Object.entries(root.data)
    .filter(([name]) => name !== METADATA_KEY)
    .map(([name, value]) => [name, parseSpan(name, value, dataStart, file)] as const)
    .sort(([, a], [, b]) => a.offset - b.offset || a.byteLength - b.byteLength);
  assertCovering(spans, dataStart, fileSize, file);
  const tensors = new Map<string, TensorEntry>();
  const unread = new Map<string, string>();
  for (const [name, { fileDtype, ...entry }] of spans) {
    const dtype = FILE_DTYPES.get(fileDtype);
    if (dtype) tensors.set(name, { dtype, ...entry });
    else unread.set(name, fileDtype);
  }
  const checksums = parseChecksums(new Map(spans), metadata, file);
  return { tensors, unread, metadata, ...(checksums && { checksums }) };
}
