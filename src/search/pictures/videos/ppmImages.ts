import { type RgbImage, rgbImage } from '../../../input/image/rgbImage.ts';

const HEADER = /^P6\n(\d{1,7}) (\d{1,7})\n255\n/;
const LONGEST_HEADER = 32;

interface Filling {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
  filled: number;
}

function filling([, width, height]: RegExpExecArray, maxPixels: number): Filling {
  const size = { width: Number(width), height: Number(height) };
  const pixels = size.width * size.height;
  if (pixels > maxPixels)
    throw new Error(`a frame of ${size.width}×${size.height} pixels is more than the limit of ${maxPixels}`);
  return { ...size, data: new Uint8Array(3 * pixels), filled: 0 };
}

/**
 * The pictures in a stream of PPM files (P6, 8 bits), one after another; no more than one is in memory.
 * @throws Error when the bytes are none, end within a picture, or one has more pixels than allowed
 */
export async function* ppmImages(
  chunks: AsyncIterable<Uint8Array>,
  maxPixels: number,
): AsyncGenerator<RgbImage> {
  let head = '';
  let image: Filling | undefined;
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length; ) {
      if (!image) {
        const before = head.length;
        head += latin1(chunk.subarray(at, at + LONGEST_HEADER - before));
        const header = HEADER.exec(head);
        if (!header && head.length === LONGEST_HEADER) throw new Error('gave something else than pictures');
        if (!header) break;
        at += header[0].length - before;
        image = filling(header, maxPixels);
        head = '';
      } else {
        const some = chunk.subarray(at, at + image.data.length - image.filled);
        image.data.set(some, image.filled);
        image.filled += some.length;
        at += some.length;
      }
      if (image?.filled === image?.data.length && image) {
        yield rgbImage(image.width, image.height, image.data);
        image = undefined;
      }
    }
  }
  if (image || head !== '') throw new Error('ended within a picture');
}

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
