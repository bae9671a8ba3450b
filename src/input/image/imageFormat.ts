/** The formats that {@link decodeImage} knows. */
export const IMAGE_FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif', 'svg'] as const;
export type ImageFormat = (typeof IMAGE_FORMATS)[number];

/** What a caller can do about input that is none of these. */
export const FORMAT_REMEDY = 'give a complete JPEG, PNG, WebP, AVIF, GIF or SVG file';

/** How far into a file an SVG's root element may start: behind a declaration, comments and entities. */
const SVG_PROLOGUE = 4096;

/**
 * The format that the first bytes promise, or undefined. Looking here first keeps every other format of the native
 * decoders away from input that nobody vouches for.
 */
export function imageFormat(bytes: Uint8Array): ImageFormat | undefined {
  const head = latin1(bytes, 0, 16);
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WEBP') return 'webp';
  if (head.slice(4, 8) === 'ftyp' && hasAvifBrand(bytes)) return 'avif';
  if (isSvg(latin1(bytes, 0, SVG_PROLOGUE))) return 'svg';
  return undefined;
}

const isSvg = (start: string): boolean =>
  /^(\xef\xbb\xbf)?\s*</.test(start) && /<(\w+:)?svg[\s>]/.test(start);

/** Whether the file-type box lists AVIF among its brands (a HEIC file has the same box). */
function hasAvifBrand(bytes: Uint8Array): boolean {
  const boxLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  return /avi[fs]/.test(latin1(bytes, 8, Math.min(boxLength, 256)));
}

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));
