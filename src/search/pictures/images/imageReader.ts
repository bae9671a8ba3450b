import {
  DEFAULT_MAX_BYTES,
  type DecodeOptions,
  decodeWithHeader,
} from '../../../input/image/decode/decodeImage.ts';
import { readLimited } from '../../../input/image/decode/imageFile.ts';
import { imageFormat, isHeic, RASTER_FORMATS } from '../../../input/image/decode/imageFormat.ts';
import type { RgbImage } from '../../../input/image/rgbImage.ts';
import { exifFacts } from '../exif/exifFacts.ts';
import { fitted } from '../fitted.ts';
import type { PictureReader, ReadOptions, ReadPicture } from '../pictures.ts';
import { decodeHeic, heicProgram } from './heic.ts';

interface Decoded {
  readonly image: RgbImage;
  readonly exif?: Uint8Array | undefined;
}

/** By what the bytes are, whatever the name says: phones write HEIC pictures as `.jpg`, and the other way round. */
async function decoded(
  path: string,
  bytes: Uint8Array,
  decode: DecodeOptions,
  signal: AbortSignal | undefined,
): Promise<Decoded> {
  const format = imageFormat(bytes);
  if (format === undefined && isHeic(bytes)) return decodeHeic(path, bytes, decode, signal);
  // Collections hold files of any origin: no drawings, unless the model's own options name formats.
  const { image, header } = await decodeWithHeader(bytes, {
    formats: RASTER_FORMATS,
    ...decode,
    name: path,
  });
  // A TIFF file is built as an EXIF block is.
  return { image, exif: format === 'tiff' ? bytes : header.exif };
}

/** An image file: its first frame or page, turned upright, as `encoder.embedImages([path])` reads it. */
async function readImage(path: string, options: ReadOptions): Promise<ReadPicture> {
  const { model, signal } = options;
  signal?.throwIfAborted();
  const bytes = options.bytes ?? (await readLimited(path, path, model.decode.maxBytes ?? DEFAULT_MAX_BYTES));
  const { image, exif } = await decoded(path, bytes, model.decode, signal);
  signal?.throwIfAborted();
  const { width, height } = image;
  return {
    facts: { kind: 'image', at: 0, width, height, ...exifFacts(exif) },
    image: fitted(image, path, model),
  };
}

async function* read(path: string, options: ReadOptions): AsyncGenerator<ReadPicture, string | undefined> {
  yield await readImage(path, options);
  return undefined;
}

export const imageReader: PictureReader = { how: '', read };

/** With nothing that decodes HEIC its files are bad; they are read otherwise, so again, when there is something. */
export const heicReader = (): PictureReader => ({ how: heicProgram() ? '' : 'without HEIC', read });
