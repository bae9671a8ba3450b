import { join } from 'node:path';
import sharp from 'sharp';
import type { ImageSize } from '../../input/image/naflex/naflexSize.ts';

/** Where the map of an image lies: a PNG of the image's name in another folder. */
export const mapPath = (folder: string, key: string): string =>
  join(folder, `${key.replace(/\.[^./]+$/, '')}.png`);

/** Reads a PNG, as it is. */
async function readGrey(path: string) {
  const file = sharp(path);
  const { isPalette, channels, depth, bitsPerSample } = await file.metadata();
  if (isPalette || channels !== 1 || (bitsPerSample !== 8 && bitsPerSample !== 16))
    throw new Error(
      `is ${isPalette ? 'a palette' : `${channels} channels of ${bitsPerSample} bits`}; a map is a grey PNG of 8 or 16 bits, whose values are the numbers themselves`,
    );
  const isWide = depth === 'ushort';
  const raw = file.toColourspace(isWide ? 'grey16' : 'b-w').raw({ depth: isWide ? 'ushort' : 'uchar' });
  const { data, info } = await raw.toBuffer({ resolveWithObject: true });
  const pixels = info.width * info.height;
  // A copy: a buffer from a pool may begin at an odd byte.
  return { ...info, data: isWide ? new Uint16Array(Uint8Array.from(data).buffer, 0, pixels) : data };
}

/**
 * One number for each pixel of an image, from a grey PNG of 8 or 16 bits: class numbers, depths.
 * @param size of the image, which the map must have
 * @returns height × width values
 * @throws Error naming the file and what is wrong with it
 */
export async function readPixelMap(path: string, size: ImageSize): Promise<ArrayLike<number>> {
  try {
    const { width, height, data } = await readGrey(path);
    if (width !== size.width || height !== size.height)
      throw new Error(
        `has ${width} × ${height} pixels, its image ${size.width} × ${size.height}; a map has one number for each pixel of its image`,
      );
    return data;
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
