import type { ImageHeader } from './imageHeader.ts';

/**
 * Bytes of memory for each pixel while a file is decoded to RGB, from the header alone: the pixels as the decoder gives
 * them, and what its library or the steps after it hold beside them. Measured with libvips 8.18 on pictures of
 * 12 million pixels as growth of the process's peak (bytes a pixel): JPEG 3.6, turned 6.8, progressive 9.6, CMYK 8.5,
 * both 12.8; PNG 4.2, with alpha 8.5, interlaced 6.7; WebP 10.6, with alpha 12.8; AVIF 19.7, of 10 bits 26.1; GIF 7.6;
 * TIFF 4.8. `test/input/image/decode/decodingMemory.test.ts` measures again.
 */
export function bytesPerPixel(header: ImageHeader): number {
  const { format, cmyk, progressive, turned, sampleBytes } = header;
  const channels = Math.min(Math.max(header.channels, 3), 4);
  const converted = cmyk || channels === 4 ? 3 : 0;
  const copy = turned ? channels : 0;
  switch (format) {
    case 'jpeg':
      // Progressive: every coefficient of the picture, of 16 bits.
      return channels + Math.max(converted, copy, progressive ? 2 * channels : 0) + 1.5;
    case 'png':
      return channels + Math.max(converted, copy) + (progressive ? channels : 0) + 1.5;
    case 'tiff':
      // One strip may be the whole picture.
      return channels * (1 + sampleBytes) + Math.max(converted, copy) + 1.5;
    case 'webp':
      return channels + converted + copy + 8;
    case 'avif':
      return 20 + 7 * (sampleBytes - 1) + converted + copy;
    case 'gif':
      return channels + converted + 6;
    case 'bmp':
      return 4;
    case 'svg':
      return 12;
  }
}

/** Bytes of memory that decoding a file takes at most, beside the file itself. */
export const decodingBytes = (header: ImageHeader): number =>
  Math.ceil(header.width * header.height * bytesPerPixel(header));
