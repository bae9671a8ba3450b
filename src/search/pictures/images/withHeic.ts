import { DEFAULT_MAX_BYTES, type DecodeOptions } from '../../../input/image/decode/decodeImage.ts';
import { readLimited } from '../../../input/image/decode/imageFile.ts';
import { imageFormat, isHeic } from '../../../input/image/decode/imageFormat.ts';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { headOf } from './headOf.ts';
import { decodeHeic } from './heic.ts';

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
