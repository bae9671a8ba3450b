import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { CheckpointError } from './errors.ts';

/**
 * Key of a safetensors file's metadata under which the checksums of its tensors are, as JSON:
 * `{"crc32": {"<tensor>": "<8 hex digits>", …}, "header": "<8 hex digits>"}`. CRC-32 is that of zlib, gzip and PNG:
 * Python's `zlib.crc32` of a tensor's bytes is the same.
 */
export const CHECKSUMS_KEY = 'checksums';

/** Checksums of tensors by name, each eight hexadecimal digits. */
export type Checksums = ReadonlyMap<string, string>;

/** The checksum of what follows after `before`, which is 0 at the start. */
export const continueChecksum = (bytes: Uint8Array, before: number): number =>
  // For no bytes at all the function forgets where it started.
  bytes.length === 0 ? before : crc32(bytes, before);

export const checksumText = (checksum: number): string => (checksum >>> 0).toString(16).padStart(8, '0');

/** What a header says of one tensor. */
export interface Described {
  readonly fileDtype: string;
  readonly shape: readonly number[];
}

type Metadata = Readonly<Record<string, string>>;

/**
 * The checksum of all else in a header: names, types, shapes and metadata. Their order does not matter: other programs
 * may write the same in another one.
 */
function headerChecksum(
  tensors: ReadonlyMap<string, Described>,
  metadata: Metadata,
  checksums: Checksums,
): string {
  const described = [...tensors].map(([name, { fileDtype, shape }]) => [
    name,
    fileDtype,
    shape,
    checksums.get(name) ?? '',
  ]);
  const said = Object.entries(metadata).filter(([key]) => key !== CHECKSUMS_KEY);
  const lines = [...described, ...said].map((line) => JSON.stringify(line)).sort();
  return checksumText(crc32(lines.join('\n')));
}

/** The checksums as a value of a file's metadata. Its length depends on the tensors' names alone. */
export function formatChecksums(
  tensors: ReadonlyMap<string, Described>,
  metadata: Metadata,
  checksums: Checksums,
): string {
  const header = headerChecksum(tensors, metadata, checksums);
  return JSON.stringify({ crc32: Object.fromEntries(checksums), header });
}

const digits = z.string().regex(/^[0-9a-f]{8}$/);
// Not a zod record: that would drop a key named `__proto__`.
const object = z
  .custom<object>((value) => typeof value === 'object' && value !== null)
  .transform(Object.entries);
const schema = z.object({ crc32: object.pipe(z.array(z.tuple([z.string(), digits]))), header: digits });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error for bytes that are not those that were saved. */
export const changed = (file: string, what: string): CheckpointError =>
  new CheckpointError(
    file,
    `${what} is not what was saved (checksum); fetch or save it again, or, if another program changed it on purpose, ` +
      `leave "${CHECKSUMS_KEY}" out of the file's metadata`,
  );

/**
 * The checksums in a header; undefined where it has none, as in the files of other programs.
 * @throws CheckpointError when the header is not the one that they were made with
 */
export function parseChecksums(
  tensors: ReadonlyMap<string, Described>,
  metadata: Metadata,
  file: string,
): Checksums | undefined {
  const text = metadata[CHECKSUMS_KEY];
  if (text === undefined) return undefined;
  const parsed = schema.safeParse(jsonOf(text));
  if (!parsed.success) throw changed(file, 'the header');
  const checksums = new Map(parsed.data.crc32);
  if (headerChecksum(tensors, metadata, checksums) !== parsed.data.header) throw changed(file, 'the header');
  return checksums;
}
