import { type DecodeOptions, decodeImage } from '../input/image/decode.ts';
import type { RgbImage } from '../input/image/rgbImage.ts';
import { badRequest } from './errors.ts';
import { LIMITS } from './limits.ts';

const WHITE = [255, 255, 255] as const;

/**
 * Decodes an uploaded image.
 * @param background behind transparent parts: the model's colour; white where it names none, as people see the picture
 * @throws HTTPException 400 naming the file when it is not an image or over a limit.
 */
export async function decodeUpload(
  file: File,
  background: DecodeOptions['background'] = WHITE,
): Promise<RgbImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return await decodeImage(bytes, {
      name: file.name || 'image',
      background,
      maxBytes: LIMITS.imageBytes,
      maxPixels: LIMITS.imagePixels,
      // No SVG: a small one can keep a core busy for many seconds. The page draws it first.
      formats: ['jpeg', 'png', 'webp', 'avif', 'gif'],
    });
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}
