/** The formats that {@link decodeImage} knows, with the endings of their files' names: the one list of both. */
const EXTENSIONS: Readonly<Record<ImageFormat, readonly string[]>> = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png'],
  webp: ['webp'],
  avif: ['avif'],
  gif: ['gif'],
  bmp: ['bmp', 'dib'],
  tiff: ['tif', 'tiff'],
  svg: ['svg'],
} as const;

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'bmp' | 'tiff' | 'svg';

const FORMATS: readonly ImageFormat[] = ['jpeg', 'png', 'webp', 'avif', 'gif', 'bmp', 'tiff', 'svg'];

export const IMAGE_FORMATS: readonly ImageFormat[] = FORMATS;

/** Formats made of pixels: all but drawings, of which a small one can keep a core busy for many seconds. */
export const RASTER_FORMATS: readonly ImageFormat[] = FORMATS.filter((format) => format !== 'svg');

const formatByExtension: ReadonlyMap<string, ImageFormat> = new Map(
  FORMATS.flatMap((format) => EXTENSIONS[format].map((extension) => [extension, format] as const)),
);

/** Endings of HEIC pictures, which only other programs decode: see `search/pictures/images/heic.ts`. */
export const HEIC_EXTENSIONS: readonly string[] = ['heic', 'heif', 'hif'];

/** The ending of a file's name, without its dot and in small letters; empty where there is none. */
export const extensionOf = (path: string): string => /\.([^./\\]+)$/.exec(path)?.[1]?.toLowerCase() ?? '';

/** The format that a file's name promises, or undefined. */
export const formatOfName = (path: string): ImageFormat | undefined =>
  formatByExtension.get(extensionOf(path));

/** Whether a file's name ends as an image's does, HEIC pictures among them. */
export const isImageName = (path: string): boolean =>
  formatOfName(path) !== undefined || HEIC_EXTENSIONS.includes(extensionOf(path));

/** The endings of some formats' names. */
export const extensionsOf = (formats: readonly ImageFormat[]): string[] =>
  formats.flatMap((format) => EXTENSIONS[format]);

/** What a caller can do about input that is none of these. */
export const FORMAT_REMEDY = 'give a complete JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF or SVG file';

/** How far into a file an SVG's root element may start: behind a declaration, comments and entities. */
const SVG_PROLOGUE = 4096;

/** Lengths of the headers that BMP files have: two letters alone could begin any text. */
const BMP_HEADERS: readonly number[] = [12, 40, 52, 56, 108, 124];

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
  if (/avi[fs]/.test(brandsOf(bytes))) return 'avif';
  if (/^(II\*\0|MM\0\*)/.test(head)) return 'tiff';
  if (head.startsWith('BM') && BMP_HEADERS.includes(bytes[14] ?? 0)) return 'bmp';
  if (isSvg(latin1(bytes, 0, SVG_PROLOGUE))) return 'svg';
  return undefined;
}

/** Whether bytes that are no AVIF picture are a HEIC one. */
export const isHeic = (bytes: Uint8Array): boolean => /hei[cxms]|hev[cx]|mif1|msf1/.test(brandsOf(bytes));

/** Pictures in formats that are not read, by their first bytes: to say what a file is. */
export function foreignFormat(bytes: Uint8Array): string | undefined {
  const head = latin1(bytes, 0, 16);
  if (isHeic(bytes)) return 'a HEIC picture';
  if (head.startsWith('\0\0\0\x0cJXL ') || head.startsWith('\xff\x0a')) return 'a JPEG XL picture';
  if (head.startsWith('\0\0\0\x0cjP  ') || head.startsWith('\xff\x4f\xff\x51')) return 'a JPEG 2000 picture';
  if (head.startsWith('\0\0\x01\0')) return 'an icon (ICO)';
  if (head.startsWith('8BPS')) return 'a Photoshop document';
  if (head.startsWith('%PDF-')) return 'a PDF document';
  if (/^P[1-7]\s/.test(head)) return 'a PNM picture';
  if (head.slice(4, 8) === 'ftyp') return 'a video';
  if (/^\s*<(!doctype html|html)/i.test(latin1(bytes, 0, 256))) return 'a page of HTML';
  return undefined;
}

const isSvg = (start: string): boolean =>
  /^(\xef\xbb\xbf)?\s*</.test(start) && /<(\w+:)?svg[\s>]/.test(start);

/** The brands that a file-type box lists (AVIF, HEIC and video files begin with one), or nothing. */
function brandsOf(bytes: Uint8Array): string {
  if (latin1(bytes, 4, 8) !== 'ftyp') return '';
  const boxLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0);
  return latin1(bytes, 8, Math.min(boxLength, 256));
}

/**
 * An animated AVIF that names its sequence first and lists `avif` among its other brands holds a still picture too: its
 * first frame. The decoder looks at the first brand alone, so that is put there, in a copy.
 */
export function withStillBrand(bytes: Uint8Array): Uint8Array {
  if (latin1(bytes, 8, 12) !== 'avis' || !brandsOf(bytes).slice(8).includes('avif')) return bytes;
  const still = Uint8Array.from(bytes);
  still.set(new TextEncoder().encode('avif'), 8);
  return still;
}

/** Whether the first brand of a file says that it is an image sequence. */
export const isAnimated = (bytes: Uint8Array): boolean => brandsOf(bytes).startsWith('avis');

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));
