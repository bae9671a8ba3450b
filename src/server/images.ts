import { type DecodeOptions, decodeImage } from '../input/image/decode.ts';
import { RASTER_FORMATS } from '../input/image/imageFormat.ts';
import type { RgbImage } from '../input/image/rgbImage.ts';
import { badRequest } from './errors.ts';
import { LIMITS } from './limits.ts';

/**
 * Decodes an uploaded image.
 * @param background behind transparent parts: the encoder's (`decode.background`); without one alpha is dropped, as in the
 *   library, on the command line and in Hugging Face's pipelines, so that all of them give one vector
 * @throws HTTPException 400 naming the file when it is not an image or over a limit.
 */
export async function decodeUpload(file: File, background: DecodeOptions['background']): Promise<RgbImage> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    return await decodeImage(bytes, {
      name: file.name || 'image',
      background,
      maxBytes: LIMITS.imageBytes,
      maxPixels: LIMITS.imagePixels,
      // No SVG: a small one can keep a core busy for many seconds. The page draws it first.
      formats: RASTER_FORMATS,
    });
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}
