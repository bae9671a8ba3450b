import sharp, { type SharpOptions } from 'sharp';
import {
  anyText,
  check,
  count,
  limit,
  listOf,
  oneOf,
  optional,
  positive,
  rule,
  settings,
} from '../../../tensor/settings.ts';
import { type RgbImage, rgbImage } from '../rgbImage.ts';
import { decodeBmp } from './bmp.ts';
import { withinBudget } from './decodingBudget.ts';
import { decodingBytes } from './decodingMemory.ts';
import { readLimited } from './imageFile.ts';
import {
  FORMAT_REMEDY,
  foreignFormat,
  IMAGE_FORMATS,
  type ImageFormat,
  imageFormat,
  isAnimated,
  withStillBrand,
} from './imageFormat.ts';
import { type ImageHeader, readHeader, TOLERANCE } from './imageHeader.ts';
import { blendOver, cmykToRgb, dropAlpha } from './pixels.ts';

export interface DecodeOptions {
  /**
   * Colour (0–255 each) put behind transparent pixels. Without it the alpha of pixels is
   * dropped, as Pillow's `convert('RGB')` does in the reference pipelines, and an SVG is drawn on white.
   */
  readonly background?: readonly [number, number, number];
  /** Most pixels an image may have. Default 100 million. Checked on the header, before decoding. */
  readonly maxPixels?: number;
  /** Most bytes an encoded image may have. Default 256 MiB. Checked before reading. */
  readonly maxBytes?: number;
  /** Pixels of an SVG's longer side (its own size says nothing about detail). Default 512. */
  readonly svgSide?: number;
  /**
   * Formats to accept. Default all. For input from strangers leave `svg` out: a small drawing can keep a core busy
   * for many seconds.
   */
  readonly formats?: readonly ImageFormat[];
  /** What errors call the image when it is given as bytes. Default `image data`. */
  readonly name?: string;
}

const isColour = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.length === 3 &&
  value.every((one) => typeof one === 'number' && one >= 0 && one <= 255);

export const decodeSchema = settings<DecodeOptions>({
  background: optional(rule('a colour: three numbers from 0 to 255', isColour)),
  maxPixels: optional(count),
  maxBytes: optional(limit),
  svgSide: optional(positive),
  formats: optional(listOf(oneOf(IMAGE_FORMATS), 1)),
  name: optional(anyText),
});

export const DEFAULT_MAX_PIXELS = 100e6;
export const DEFAULT_MAX_BYTES = 256 * 2 ** 20;
const DEFAULT_SVG_SIDE = 512;
const WHITE = [255, 255, 255] as const;

/** Points per inch at which one SVG unit is one pixel. */
const SVG_DENSITY = 72;

/**
 * Decodes a JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF or SVG file, given as a path or as bytes, to 8-bit RGB: of an
 * animation the first frame, of a TIFF the first page. EXIF orientation is applied; grey becomes RGB; CMYK is converted
 * by Pillow's formula; 16-bit values keep their high byte. Pixels equal Pillow's exactly for JPEG, PNG, WebP, BMP, 8-bit
 * TIFF and opaque GIF; AVIF with subsampled colour is interpolated differently. An SVG can read neither files nor the
 * network.
 * @throws Error naming the image when it is missing, over a limit, empty, truncated or not an image; RangeError naming the
 *   option that is none.
 * @example
 * const { width, height } = await decodeImage('cat.jpg', { background: [255, 255, 255] });
 */
export async function decodeImage(
  source: string | Uint8Array,
  options: DecodeOptions = {},
): Promise<RgbImage> {
  return (await decodeWithHeader(source, options)).image;
}

/** What {@link decodeImage} gives, and what the file's header said: for those who would read it again. */
export async function decodeWithHeader(
  source: string | Uint8Array,
  options: DecodeOptions = {},
): Promise<{ readonly image: RgbImage; readonly header: ImageHeader }> {
  check('decode', decodeSchema, options);
  const { name, bytes, format } = await openImage(source, options);
  const maxPixels = options.maxPixels ?? DEFAULT_MAX_PIXELS;
  try {
    const header = await readHeader(bytes, format);
    const density = svgDensity(header, options.svgSide ?? DEFAULT_SVG_SIDE);
    const scale = density / SVG_DENSITY;
    const pixels = Math.round(header.width * scale) * Math.round(header.height * scale);
    if (pixels > maxPixels) throw new RangeError(tooManyPixels(header, pixels, maxPixels));
    if (format === 'bmp') return { header, image: decodeBmp(bytes) };
    const limited = { ...TOLERANCE, limitInputPixels: maxPixels, density };
    const image = await withinBudget(decodingBytes({ ...header, width: pixels, height: 1 }), () =>
      decodePixels(bytes, limited, header, options.background),
    );
    return { header, image };
  } catch (error) {
    throw new Error(`${name}: ${reasonOf(error, bytes)}`, { cause: error });
  }
}

/**
 * What the header of an encoded image says; nothing is decoded. For a drawing it is the size that it names itself.
 * @throws Error naming the image as {@link decodeImage} does.
 */
export async function readImageHeader(
  source: string | Uint8Array,
  options: DecodeOptions = {},
): Promise<ImageHeader> {
  check('decode', decodeSchema, options);
  const { name, bytes, format } = await openImage(source, options);
  try {
    return await readHeader(bytes, format);
  } catch (error) {
    throw new Error(`${name}: ${reasonOf(error, bytes)}`, { cause: error });
  }
}

/** The bytes of an image and its format, which is one that is accepted. */
async function openImage(source: string | Uint8Array, options: DecodeOptions) {
  const name = typeof source === 'string' ? source : (options.name ?? 'image data');
  // Always from memory: an SVG that is opened by path could refer to the files beside it.
  const given = await readLimited(source, name, options.maxBytes ?? DEFAULT_MAX_BYTES);
  const format = acceptedFormat(given, options.formats ?? IMAGE_FORMATS, name);
  return { name, format, bytes: format === 'avif' ? withStillBrand(given) : given };
}

function acceptedFormat(bytes: Uint8Array, accepted: readonly ImageFormat[], name: string): ImageFormat {
  const format = imageFormat(bytes);
  if (format === undefined) {
    const foreign = foreignFormat(bytes);
    throw new Error(
      foreign
        ? `${name}: is ${foreign}, which is not read: ${FORMAT_REMEDY}.`
        : `${name}: is not an image of a known format: ${FORMAT_REMEDY}.`,
    );
  }
  if (!accepted.includes(format)) {
    throw new Error(`${name}: is ${format}, which is not accepted here: give ${accepted.join(', ')}.`);
  }
  return format;
}

/** Our own sentence as it is, or the decoder's first useful line with a remedy. */
function reasonOf(error: unknown, bytes: Uint8Array): string {
  if (error instanceof RangeError) return error.message;
  if (isAnimated(bytes)) return 'is an animated AVIF without a still picture: give one frame as PNG or AVIF.';
  const lines = String(error instanceof Error ? error.message : error).split('\n');
  const line = lines.find((text) => !text.includes('bad seek')) ?? lines[0] ?? '';
  return `can't be decoded (${line
    .trim()
    .replace(/^Input buffer/, 'the input')
    .replace(/:+$/, '')
    .slice(0, 200)}): ${FORMAT_REMEDY}.`;
}

const svgDensity = (header: ImageHeader, side: number): number =>
  header.format === 'svg'
    ? Math.min(Math.max((SVG_DENSITY * side) / Math.max(header.width, header.height), 1), 100_000)
    : SVG_DENSITY;

const tooManyPixels = ({ width, height }: ImageHeader, pixels: number, maxPixels: number): string =>
  `${width}×${height} decodes to ${pixels} pixels, more than the limit of ${maxPixels}: shrink the image or raise maxPixels.`;

async function decodePixels(
  bytes: Uint8Array,
  options: SharpOptions,
  header: ImageHeader,
  background: DecodeOptions['background'],
): Promise<RgbImage> {
  const upright = sharp(bytes, options).autoOrient();
  const decoder = header.cmyk ? upright.pipelineColourspace('cmyk').toColourspace('cmyk') : upright;
  const { data, info } = await decoder.raw().toBuffer({ resolveWithObject: true });
  const behind = background ?? (header.format === 'svg' ? WHITE : undefined);
  return rgbImage(info.width, info.height, toRgb(data, info.channels, header.cmyk, behind));
}

function toRgb(
  data: Uint8Array,
  channels: number,
  cmyk: boolean,
  background: DecodeOptions['background'],
): Uint8Array {
  if (cmyk) return cmykToRgb(data, channels);
  if (channels === 4) return background === undefined ? dropAlpha(data) : blendOver(data, background);
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.length);
  throw new RangeError(
    `the decoder returned ${channels} channels, expected 3 or 4: convert the image to RGB.`,
  );
}
