import { type DecodeOptions, decodeWithHeader } from '../../../input/image/decode/decodeImage.ts';
import { RASTER_FORMATS } from '../../../input/image/decode/imageFormat.ts';
import { fitted } from '../fitted.ts';
import type { PictureReader, ReadOptions, ReadPicture } from '../pictures.ts';

/** Collections hold files of all kinds of origin: drawings only where the model's own options name formats. */
const decodeOptions = (decode: DecodeOptions, name: string): DecodeOptions => ({
  formats: RASTER_FORMATS,
  ...decode,
  name,
});

/** An image file: its first frame or page, turned upright, as `encoder.embedImages([path])` reads it. */
async function readImage(path: string, { model, bytes, signal }: ReadOptions): Promise<ReadPicture> {
  signal?.throwIfAborted();
  const { image } = await decodeWithHeader(bytes ?? path, decodeOptions(model.decode, path));
  signal?.throwIfAborted();
  const { width, height } = image;
  return { facts: { kind: 'image', at: 0, width, height }, image: fitted(image, path, model) };
}

export const imageReader: PictureReader = {
  how: '',
  async *read(path, options) {
    yield await readImage(path, options);
  },
};
