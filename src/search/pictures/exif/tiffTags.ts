/** The values of one tag: a text, or numbers (a fraction is its quotient, NaN where its lower number is 0). */
export type TagValue = string | readonly number[];

/** Most values that are read of a tag: a place has three. */
const MOST_VALUES = 8;
/** Most characters that are read of a text: a date has 20. */
const MOST_TEXT = 64;
/** Entries of a directory that are looked at; cameras write some 60. */
const MOST_ENTRIES = 1000;

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;
const SIGNED_RATIONAL = 10;
const SIZES: Readonly<Record<number, number>> = {
  [ASCII]: 1,
  [SHORT]: 2,
  [LONG]: 4,
  [RATIONAL]: 8,
  [SIGNED_RATIONAL]: 8,
};

/** Reads tags from the directories of a TIFF structure, the form of EXIF. What lies outside of it is not there. */
export interface TagReader {
  /** Where the first directory is. */
  readonly first: number;
  /** The tags among some that a directory has and that are of a known type, by their numbers. */
  read(directory: number, wanted: ReadonlySet<number>): ReadonlyMap<number, TagValue>;
}

/**
 * Opens an EXIF block (with or without its `Exif\0\0`), or a whole TIFF file. The work and memory are bounded, whatever the
 * bytes say of themselves.
 * @returns undefined for bytes that are none
 */
export function openTags(bytes: Uint8Array): TagReader | undefined {
  const head = String.fromCharCode(...bytes.subarray(0, 6)) === 'Exif\0\0' ? 6 : 0;
  if (bytes.length < head + 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + head, bytes.length - head);
  const order = view.getUint16(0);
  const little = order === 0x4949;
  if (!(little || order === 0x4d4d) || view.getUint16(2, little) !== 42) return undefined;
  return {
    first: view.getUint32(4, little),
    read: (directory, wanted) => readDirectory(view, little, directory, wanted),
  };
}

function readDirectory(
  view: DataView,
  little: boolean,
  directory: number,
  wanted: ReadonlySet<number>,
): Map<number, TagValue> {
  const tags = new Map<number, TagValue>();
  if (directory + 2 > view.byteLength) return tags;
  const count = Math.min(view.getUint16(directory, little), MOST_ENTRIES);
  for (let i = 0; i < count; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > view.byteLength) break;
    const tag = view.getUint16(entry, little);
    const value = wanted.has(tag) && !tags.has(tag) ? readValue(view, little, entry) : undefined;
    if (value !== undefined) tags.set(tag, value);
  }
  return tags;
}

function readValue(view: DataView, little: boolean, entry: number): TagValue | undefined {
  const type = view.getUint16(entry + 2, little);
  const count = view.getUint32(entry + 4, little);
  const size = SIZES[type];
  if (size === undefined || count > (type === ASCII ? MOST_TEXT : MOST_VALUES)) return undefined;
  const at = count * size <= 4 ? entry + 8 : view.getUint32(entry + 8, little);
  if (at + count * size > view.byteLength) return undefined;
  if (type === ASCII) return readText(view, at, count);
  return Array.from({ length: count }, (_, i) => readNumber(view, little, type, at + i * size));
}

function readText(view: DataView, at: number, count: number): string {
  const text = String.fromCharCode(...new Uint8Array(view.buffer, view.byteOffset + at, count));
  const end = text.indexOf('\0');
  return (end < 0 ? text : text.slice(0, end)).trim();
}

function readNumber(view: DataView, little: boolean, type: number, at: number): number {
  if (type === SHORT) return view.getUint16(at, little);
  if (type === LONG) return view.getUint32(at, little);
  const upper = type === RATIONAL ? view.getUint32(at, little) : view.getInt32(at, little);
  const lower = type === RATIONAL ? view.getUint32(at + 4, little) : view.getInt32(at + 4, little);
  return lower === 0 ? Number.NaN : upper / lower;
}
