import sharp, { type Sharp } from 'sharp';
import { DEFAULT_MAX_PIXELS } from '../../../input/image/decode/decodeImage.ts';
import type { Picture } from '../../../search/collection/picture.ts';
import { type OpenedPicture, openPicture } from '../../../search/pictures/openPicture.ts';

/** A decoder that takes longer is ended. */
const PATIENCE_SECONDS = 60;
/** Thumbnails up to this side are seen small, and there are many. */
const SMALL = 640;

function imageOf(opened: OpenedPicture): Sharp {
  if ('path' in opened)
    return sharp(opened.path, {
      limitInputPixels: DEFAULT_MAX_PIXELS,
      // Indexing has read it; what it could not say of its last rows is no reason to show nothing.
      failOn: 'none',
      sequentialRead: true,
      autoOrient: true,
    });
  const { width, height, data } = opened;
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/**
 * A picture of a collection as WebP: upright, in sRGB, with its alpha; its longer side at most so many pixels. JPEG and WebP
 * files are decoded at a fraction of their size where that is enough.
 * @throws Error with the reason where it cannot be read; the signal's reason
 */
export async function drawPicture(
  picture: Picture,
  side: number,
  signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const image = imageOf(await openPicture(picture, signal));
  const bytes = await image
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .webp(side <= SMALL ? { quality: 76, effort: 2 } : { quality: 85, effort: 1 })
    .timeout({ seconds: PATIENCE_SECONDS })
    .toBuffer();
  return new Uint8Array(bytes);
}
