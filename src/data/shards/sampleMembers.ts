import sharp from 'sharp';
import { readLimited } from '../../input/image/decode/imageFile.ts';
import { imageFormat } from '../../input/image/decode/imageFormat.ts';
import type { Sample } from '../samples/sample.ts';
import { MAX_IMAGE_BYTES } from '../sources/source.ts';

/** File extensions by image format; those that {@link webdataset} reads back. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  bmp: 'bmp',
  tiff: 'tiff',
};

/** A sample whose image is the bytes of a file. */
export interface EncodedSample extends Sample {
  readonly image: Uint8Array;
}

/**
 * Reads a sample's image, or encodes its pixels as PNG, so that it is a file that shards can hold.
 * @throws Error when the image can't be read or, by its first bytes, is of no format that shards hold; naming the sample
 */
export async function encodedSample(sample: Sample): Promise<EncodedSample> {
  const image = await encodedImage(sample);
  extensionOf(sample.key, image);
  return { ...sample, image };
}

/** The files of a sample: `<stem>.<image extension>` and `<stem>.json`. */
export function sampleMembers(
  { key, image, captions, regions }: EncodedSample,
  stem: string,
): { readonly name: string; readonly content: Uint8Array }[] {
  return [
    { name: `${stem}.${extensionOf(key, image)}`, content: image },
    { name: `${stem}.json`, content: new TextEncoder().encode(JSON.stringify({ key, captions, regions })) },
  ];
}

function extensionOf(key: string, image: Uint8Array): string {
  const extension = EXTENSIONS[imageFormat(image) ?? ''];
  if (!extension)
    throw new Error(`${key}: the image is no JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF: decode it first.`);
  return extension;
}

async function encodedImage({ key, image }: Sample): Promise<Uint8Array> {
  if (typeof image === 'string' || image instanceof Uint8Array) {
    return await readLimited(image, typeof image === 'string' ? image : key, MAX_IMAGE_BYTES);
  }
  const { width, height, data } = image;
  return await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}
