import { corrupt } from './tarError.ts';

/** A tar block: headers and contents are padded to it. */
export const BLOCK = 512;

/** What a member is, where it is something that is known. */
export type MemberType =
  | 'file'
  | 'contiguous-file'
  | 'link'
  | 'symlink'
  | 'character-device'
  | 'block-device'
  | 'directory'
  | 'fifo';

/** Says something about the next member. */
export type NoteType = 'pax' | 'pax-global' | 'long-name' | 'long-link';

export interface TarHeader {
  readonly name: string;
  readonly type: MemberType | NoteType | undefined;
  /** Bytes of content that the header claims: a whole number of at least 0. */
  readonly size: number;
}

const TYPES: Readonly<Record<string, TarHeader['type']>> = {
  '\0': 'file',
  '0': 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  '7': 'contiguous-file',
  x: 'pax',
  g: 'pax-global',
  L: 'long-name',
  N: 'long-name',
  K: 'long-link',
};

const CHECKSUM = { start: 148, end: 156 } as const;

/**
 * Reads a header block: ustar, GNU and what was before them.
 * @returns undefined for a block of zeros
 * @throws TarError when its checksum is wrong or its size is none
 */
export function readHeader(block: Uint8Array): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (!hasChecksum(block)) throw corrupt('invalid tar header: its checksum is wrong');
  const flag = String.fromCharCode(block[156]!);
  const own = textOf(block, 0, 100);
  // POSIX archives keep the front of a long path apart; GNU's have other fields there.
  const prefix = asciiOf(block, 257, 263) === 'ustar\0' ? textOf(block, 345, 500) : '';
  const name = prefix ? `${prefix}/${own}` : own;
  const type = TYPES[flag] === 'file' && name.endsWith('/') ? 'directory' : TYPES[flag];
  return { name, type, size: sizeOf(block.subarray(124, 136)) };
}

/** The sum of all bytes, the checksum's own as spaces. Some old programs took bytes for signed. */
function hasChecksum(block: Uint8Array): boolean {
  let [sum, signed] = [0, 0];
  block.forEach((byte, i) => {
    const value = i >= CHECKSUM.start && i < CHECKSUM.end ? 32 : byte;
    sum += value;
    signed += value > 127 ? value - 256 : value;
  });
  const claimed = octal(block.subarray(CHECKSUM.start, CHECKSUM.end));
  return claimed === sum || claimed === signed;
}

/** Octal digits, or from 8 GiB on a 0x80 and the number in base 256. */
function sizeOf(field: Uint8Array): number {
  const first = field[0]!;
  const size = first < 0x80 ? octal(field) : first === 0x80 ? base256(field.subarray(1)) : undefined;
  if (size === undefined)
    throw corrupt(
      first < 0x80
        ? 'invalid tar header: its size is no octal number'
        : 'invalid tar header: its size is below 0 or of no known form',
    );
  if (!Number.isSafeInteger(size)) throw corrupt(`invalid tar header: it claims ${size} bytes`);
  return size;
}

const base256 = (bytes: Uint8Array): number => bytes.reduce((sum, byte) => sum * 256 + byte, 0);

function octal(field: Uint8Array): number | undefined {
  const digits = /^[\0 ]*([0-7]*)(?:[\0 ]|$)/.exec(asciiOf(field, 0, field.length))?.[1];
  return digits === undefined ? undefined : digits === '' ? 0 : Number.parseInt(digits, 8);
}

const asciiOf = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

/** Text up to the first zero. */
export function textOf(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const field = bytes.subarray(start, end);
  const zero = field.indexOf(0);
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(zero < 0 ? field : field.subarray(0, zero));
}
