import { open } from 'node:fs/promises';
import { DEFAULT_MAX_BYTES, type DecodeOptions } from '../../../input/image/decode/decodeImage.ts';
import { readLimited } from '../../../input/image/decode/imageFile.ts';
import { imageFormat, isHeic } from '../../../input/image/decode/imageFormat.ts';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { decodeHeic } from './heic.ts';

/** Bytes in which a container says what it is. */
const HEAD = 512;

async function headOf(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const head = new Uint8Array(HEAD);
    const { bytesRead } = await file.read(head, 0, HEAD, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The path of a HEIC picture as its pixels, which an encoder takes; any other image as it is, also one that cannot be read:
 * whoever reads it says why.
 * @throws Error naming a HEIC picture that cannot be decoded, or saying what is needed for it
 */
export async function withHeic<T>(image: T, decode: DecodeOptions): Promise<T | RgbImage> {
  if (typeof image !== 'string') return image;
  const head = await headOf(image).catch(() => new Uint8Array());
  if (imageFormat(head) !== undefined || !isHeic(head)) return image;
  const bytes = await readLimited(image, image, decode.maxBytes ?? DEFAULT_MAX_BYTES);
  return (await decodeHeic(image, bytes, decode, undefined)).image;
}
