import { DEFAULT_MAX_BYTES, DEFAULT_MAX_PIXELS, decodeImage } from '../../input/image/decode/decodeImage.ts';
import { readLimited } from '../../input/image/decode/imageFile.ts';
import { imageFormat, isHeic, RASTER_FORMATS } from '../../input/image/decode/imageFormat.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import type { Picture } from '../collection/picture.ts';
import { drawPage } from './documents/pdfReader.ts';
import { headOf } from './images/headOf.ts';
import { decodeHeic } from './images/heic.ts';
import { videoFrameAt } from './videos/videoFrameAt.ts';

/** A picture to be shown: pixels, upright; or the path of a file that sharp decodes by itself, and smaller at once. */
export type OpenedPicture = RgbImage | { readonly path: string };

/**
 * Opens a picture of a collection to show it, from its file.
 * @throws Error with the reason where it cannot be read; the signal's reason
 */
export async function openPicture(
  { path, kind, at }: Pick<Picture, 'path' | 'kind' | 'at'>,
  signal?: AbortSignal,
): Promise<OpenedPicture> {
  const bytes = () => readLimited(path, path, DEFAULT_MAX_BYTES);
  try {
    if (kind === 'frame') return await videoFrameAt(path, at, { maxPixels: DEFAULT_MAX_PIXELS, signal });
    if (kind === 'page') return await drawPage(await bytes(), at, signal);
    const head = await headOf(path);
    const format = imageFormat(head);
    if (format === undefined && isHeic(head))
      return (await decodeHeic(path, await bytes(), {}, signal)).image;
    // The rest is left to the plain reader, which says what is wrong.
    if (format === undefined || format === 'bmp' || !RASTER_FORMATS.includes(format))
      return await decodeImage(await bytes(), { formats: RASTER_FORMATS, name: path });
    return { path };
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
