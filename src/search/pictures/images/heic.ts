import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import {
  DEFAULT_MAX_PIXELS,
  type DecodeOptions,
  decodeImage,
} from '../../../input/image/decode/decodeImage.ts';
import { TOLERANCE } from '../../../input/image/decode/imageHeader.ts';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { onPath } from '../tools/onPath.ts';
import { runTool } from '../tools/runTool.ts';

/**
 * Programs that write a HEIC picture as PNG, turned upright: the decoder that comes with sharp has no HEVC, whose patents
 * are licensed.
 */
const CONVERTERS: readonly {
  readonly name: string;
  args(from: string, to: string): string[];
}[] = [
  { name: 'heif-dec', args: (from, to) => [from, to] },
  { name: 'heif-convert', args: (from, to) => [from, to] },
  { name: 'sips', args: (from, to) => ['-s', 'format', 'png', from, '--out', to] },
];

/** What reads HEIC on this machine, if anything does. */
export const heicProgram = (): string | undefined =>
  CONVERTERS.map(({ name }) => name).find((name) => onPath(name));

const NEEDED =
  'is a HEIC picture, which needs heif-dec or heif-convert of libheif on the PATH (Debian, Ubuntu: libheif-examples; macOS: brew install libheif): install it, or save the picture as JPEG.';

/** Milliseconds that a picture may take: one of 48 million pixels takes a few seconds. */
const PATIENCE = 120_000;

interface HeicPicture {
  readonly image: RgbImage;
  readonly exif?: Uint8Array | undefined;
}

/**
 * Decodes a HEIC file by a program on the PATH; of several pictures the first.
 * @throws Error, `PATH: REASON`, also where there is no such program
 */
export async function decodeHeic(
  path: string,
  bytes: Uint8Array,
  decode: DecodeOptions,
  signal: AbortSignal | undefined,
): Promise<HeicPicture> {
  try {
    const { width, height, exif } = await sharp(bytes, { ...TOLERANCE, limitInputPixels: false }).metadata();
    const most = decode.maxPixels ?? DEFAULT_MAX_PIXELS;
    if (width * height > most)
      throw new Error(`${width}×${height} is more than the limit of ${most} pixels: shrink it.`);
    return { image: await convert(path, bytes, decode, signal), exif };
  } catch (cause) {
    signal?.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(message.startsWith(`${path}: `) ? message : `${path}: ${message}`, { cause });
  }
}

/** The program gets a copy of the bytes: the file may be another one by now, and its name anything. */
async function convert(
  path: string,
  bytes: Uint8Array,
  decode: DecodeOptions,
  signal: AbortSignal | undefined,
): Promise<RgbImage> {
  const converter = CONVERTERS.find(({ name }) => onPath(name));
  if (!converter) throw new Error(NEEDED);
  const folder = await mkdtemp(join(tmpdir(), 'siglip2-heic-'));
  try {
    const from = join(folder, 'from.heic');
    await writeFile(from, bytes);
    const args = converter.args(from, join(folder, 'picture.png'));
    await runTool(onPath(converter.name)!, args, { patience: PATIENCE, signal }).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`can't be decoded by ${converter.name} (${reason}): give a complete picture.`);
    });
    // Of several pictures each gets a file with a number.
    const [first] = (await readdir(folder)).filter((name) => name.endsWith('.png')).sort();
    if (first === undefined) throw new Error(`${converter.name} made no picture of ${basename(path)}`);
    return await decodeImage(await readFile(join(folder, first)), {
      ...decode,
      formats: ['png'],
      name: path,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
