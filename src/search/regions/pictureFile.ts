import sharp, { type Sharp } from 'sharp';
import { writeAll, writeAtomic } from '../../checkpoint/files/atomic.ts';
import { decodeImage } from '../../input/image/decode/decodeImage.ts';
import { extensionOf } from '../../input/image/decode/imageFormat.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';

/** Longest side of a drawing in pixels: what WebP can hold is 16,383, and nobody looks at more. */
const LONGEST_SIDE = 8192;

const WHITE = [255, 255, 255] as const;

/** Formats in which pictures are drawn, by the endings of file names. */
const FORMATS: Readonly<Record<string, 'png' | 'jpeg' | 'webp'>> = {
  png: 'png',
  jpg: 'jpeg',
  jpeg: 'jpeg',
  webp: 'webp',
};

/** JPEG and WebP keep the edges of boxes clean so. */
const QUALITY = { quality: 90, chromaSubsampling: '4:4:4', smartSubsample: true };

/**
 * The format that a file's name asks for.
 * @throws RangeError naming the file where it is none in which pictures are drawn
 */
export function drawingFormat(path: string): 'png' | 'jpeg' | 'webp' {
  const format = FORMATS[extensionOf(path)];
  if (format) return format;
  throw new RangeError(
    `${JSON.stringify(path)}: pictures are drawn as PNG, JPEG or WebP; give a name that ends in .png, .jpg or .webp`,
  );
}

/** A picture to draw on, and how many of its pixels there are for one of the original. */
export interface Canvas {
  readonly image: RgbImage;
  readonly scale: number;
}

/** A picture upright, at its own size unless that is very large; what is transparent is white. */
export async function openCanvas(picture: ImageSource): Promise<Canvas> {
  const image =
    typeof picture === 'string' || picture instanceof Uint8Array
      ? await decodeImage(picture, { background: WHITE })
      : picture;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  if (scale === 1) return { image, scale };
  const { data, info } = await rawPixels(image)
    .resize(Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)), {
      fit: 'fill',
    })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { image: { width: info.width, height: info.height, data }, scale };
}

/** Pixels as sharp takes them. */
export const rawPixels = ({ width, height, data }: RgbImage): Sharp =>
  sharp(data, { raw: { width, height, channels: 3 } });

/** Writes a picture in the format that its name asks for, whole or not at all. @throws RangeError as {@link drawingFormat} */
export async function writePicture(path: string, picture: Sharp): Promise<void> {
  const bytes = await picture.toFormat(drawingFormat(path), QUALITY).toBuffer();
  await writeAtomic(path, (file) => writeAll(file, bytes));
}
