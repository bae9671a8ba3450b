import { CheckpointError, damaged, quote } from '../files/errors.ts';
import type { ReadableFile } from '../files/readableFile.ts';
import { readExactly } from '../safetensors/checkedReads.ts';

/** One file inside a zip archive. */
export interface ZipMember {
  readonly name: string;
  readonly compression: 'stored' | 'deflated';
  /** Bytes in the archive and after decompression; equal when stored. */
  readonly packedSize: number;
  readonly size: number;
  readonly crc32: number;
  /** Position of its local header. */
  readonly headerOffset: number;
}

interface Directory {
  readonly entries: number;
  readonly size: number;
  readonly offset: number;
}

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** A local header without its name and extra fields. */
const LOCAL_BYTES = 30;
/** The end record is 22 bytes, followed by a comment of at most 65,535. */
const END_SEARCH = 22 + 65_535;
/** A tensor archive lists a few hundred files of short names. */
const MAX_DIRECTORY_BYTES = 16 * 2 ** 20;
const UNKNOWN_32 = 0xffffffff;

async function readAt(file: ReadableFile, path: string, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  await readExactly(file, path, bytes, at);
  return bytes;
}

const u64 = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** Archives over 4 GiB keep the true numbers in a second record, found through a locator before the first. */
async function readEnd64(file: ReadableFile, path: string, endAt: number): Promise<Directory | undefined> {
  if (endAt < 20) return undefined;
  const locator = await readAt(file, path, endAt - 20, 20);
  if (locator.readUInt32LE(0) !== LOCATOR64) return undefined;
  const at = u64(locator, 8);
  if (at > endAt - 76) throw damaged(path, 'zip end record lies outside the file');
  const end = await readAt(file, path, at, 56);
  if (end.readUInt32LE(0) !== END64) throw damaged(path, 'zip64 end record is damaged');
  return { entries: u64(end, 32), size: u64(end, 40), offset: u64(end, 48) };
}

async function readEnd(file: ReadableFile, path: string, fileSize: number): Promise<Directory> {
  const length = Math.min(fileSize, END_SEARCH);
  const tail = await readAt(file, path, fileSize - length, length);
  for (let i = length - 22; i >= 0; i--) {
    if (tail.readUInt32LE(i) !== END || i + 22 + tail.readUInt16LE(i + 20) !== length) continue;
    const end64 = await readEnd64(file, path, fileSize - length + i);
    return (
      end64 ?? {
        entries: tail.readUInt16LE(i + 10),
        size: tail.readUInt32LE(i + 12),
        offset: tail.readUInt32LE(i + 16),
      }
    );
  }
  throw damaged(path, 'not a zip (.npz) file, or cut off: it has no end record');
}

/** The 64-bit numbers of an extra field, present only for those that do not fit in 32 bits, in fixed order. */
function widen(extra: Buffer, values: readonly number[], path: string): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    let next = at + 4;
    return values.map((value) => {
      if (value !== UNKNOWN_32) return value;
      if (next + 8 > extra.length) throw damaged(path, 'zip64 field is cut off');
      next += 8;
      return u64(extra, next - 8);
    });
  }
  return [...values];
}

function parseMember(bytes: Buffer, at: number, path: string): { member: ZipMember; next: number } {
  if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== CENTRAL) {
    throw damaged(path, 'zip directory is damaged');
  }
  const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const next = extraEnd + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw damaged(path, 'zip directory is cut off');
  const name = bytes.toString('utf8', at + 46, nameEnd);
  const flags = bytes.readUInt16LE(at + 8);
  const method = bytes.readUInt16LE(at + 10);
  if (flags & 1) throw new CheckpointError(path, `${quote(name)} is encrypted; save it without a password`);
  if (method !== 0 && method !== 8) {
    throw new CheckpointError(
      path,
      `${quote(name)} uses zip method ${method}, expected stored (0) or deflated (8); save it with one of these`,
    );
  }
  const narrow = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
  const [size, packedSize, headerOffset] = widen(bytes.subarray(nameEnd, extraEnd), narrow, path);
  const compression = method === 0 ? 'stored' : 'deflated';
  return {
    member: {
      name,
      compression,
      size: size!,
      packedSize: packedSize!,
      headerOffset: headerOffset!,
      crc32: bytes.readUInt32LE(at + 16),
    },
    next,
  };
}

function assertInside(member: ZipMember, fileSize: number, path: string): void {
  const { headerOffset, packedSize, size, compression, name } = member;
  const end = headerOffset + LOCAL_BYTES + packedSize;
  if (!Number.isSafeInteger(end) || end > fileSize || (compression === 'stored' && size !== packedSize)) {
    throw damaged(path, `${quote(name)} does not lie inside the file`);
  }
}

/**
 * Refuses members that share bytes: a small archive can otherwise hold one large member under thousands of names.
 * A member takes at least its local header, its name and its packed bytes; the directory lies behind all of them.
 */
function assertApart(members: readonly ZipMember[], directoryOffset: number, path: string): void {
  const ordered = members.toSorted((a, b) => a.headerOffset - b.headerOffset);
  for (const [i, { name, headerOffset, packedSize }] of ordered.entries()) {
    const end = headerOffset + LOCAL_BYTES + Buffer.byteLength(name) + packedSize;
    const next = ordered[i + 1]?.headerOffset ?? directoryOffset;
    if (end > next) {
      const other = ordered[i + 1]?.name;
      throw damaged(path, `${quote(name)} overlaps ${other === undefined ? 'the directory' : quote(other)}`);
    }
  }
}

/**
 * Lists the members of a zip archive of any size (zip64 included), reading only its directory.
 * @throws CheckpointError when the directory is damaged, names a file twice, points outside the archive, or lets
 * two files share bytes.
 */
export async function readZipDirectory(file: ReadableFile, path: string): Promise<Map<string, ZipMember>> {
  const { size: fileSize } = file.stat;
  const directory = await readEnd(file, path, fileSize);
  if (directory.size > MAX_DIRECTORY_BYTES || directory.offset + directory.size > fileSize) {
    throw damaged(path, `zip directory of ${directory.size} bytes is too large or outside the file`);
  }
  const bytes = await readAt(file, path, directory.offset, directory.size);
  const members = new Map<string, ZipMember>();
  let at = 0;
  for (let i = 0; i < directory.entries; i++) {
    const { member, next } = parseMember(bytes, at, path);
    if (members.has(member.name)) throw damaged(path, `${quote(member.name)} appears twice`);
    assertInside(member, fileSize, path);
    members.set(member.name, member);
    at = next;
  }
  assertApart([...members.values()], directory.offset, path);
  return members;
}

/** Where a member's bytes begin: after its local header, whose length only the header itself knows. */
export async function memberStart(file: ReadableFile, path: string, member: ZipMember): Promise<number> {
  const header = await readAt(file, path, member.headerOffset, LOCAL_BYTES);
  if (header.readUInt32LE(0) !== LOCAL) throw damaged(path, `${quote(member.name)} is damaged`);
  const start = member.headerOffset + LOCAL_BYTES + header.readUInt16LE(26) + header.readUInt16LE(28);
  const { size } = file.stat;
  if (start + member.packedSize > size) throw damaged(path, `${quote(member.name)} is cut off`);
  return start;
}
