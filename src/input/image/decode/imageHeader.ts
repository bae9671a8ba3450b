import sharp, { type SharpOptions } from 'sharp';
import { readBmpHeader } from './bmp.ts';
import type { ImageFormat } from './imageFormat.ts';

/**
 * Embedded colour profiles are ignored, as in every reference pipeline. Only a truncated or corrupt file is an
 * error, not an oddity that a decoder merely warns about.
 */
export const TOLERANCE: SharpOptions = { ignoreIcc: true, failOn: 'error' };

/** What a header says, before anything is decoded. */
export interface ImageHeader {
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly cmyk: boolean;
  /** 1 to 4 or more: with alpha, and black of CMYK. */
  readonly channels: number;
  /** Bytes of one value of one channel in the file's own form. */
  readonly sampleBytes: number;
  /** Whether the file comes in several passes over the whole picture. */
  readonly progressive: boolean;
  /** Whether EXIF says that the picture is to be turned or mirrored. */
  readonly turned: boolean;
  /** The file's EXIF block as it stands there, where it has one. */
  readonly exif?: Uint8Array | undefined;
}

const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  float: 4,
  int: 4,
  uint: 4,
};

/** Reads the header of a file of a known format. @throws Error of the decoder, or RangeError with a sentence of ours */
export async function readHeader(bytes: Uint8Array, format: ImageFormat): Promise<ImageHeader> {
  if (format === 'bmp') {
    const plain = { cmyk: false, channels: 3, sampleBytes: 1, progressive: false, turned: false };
    return { format, ...readBmpHeader(bytes), ...plain };
  }
  const metadata = await sharp(bytes, { ...TOLERANCE, limitInputPixels: false }).metadata();
  const { width, height, space, channels, depth, isProgressive, orientation = 1, exif } = metadata;
  return {
    format,
    width,
    height,
    cmyk: space === 'cmyk',
    channels,
    sampleBytes: SAMPLE_BYTES[depth] ?? 8,
    progressive: isProgressive,
    turned: orientation > 1,
    ...(exif && { exif }),
  };
}
