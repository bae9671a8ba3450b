import sharp from 'sharp';
import { readLimited } from '../../input/image/imageFile.ts';
import { imageFormat } from '../../input/image/imageFormat.ts';
import { badImage } from '../decode.ts';
import type { BadSample, Sample } from '../sample.ts';
import { MAX_IMAGE_BYTES } from '../sources/source.ts';

/** File extensions by image format; those that {@link webdataset} reads back. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
};

/**
 * The files of a sample: `<stem>.<image extension>` and `<stem>.json`.
 * @throws Error naming the sample when its image can't be read or is of no format that shards hold.
 */
export async function sampleMembers(
  sample: Sample,
  stem: string,
): Promise<{ readonly name: string; readonly content: Uint8Array }[]> {
  const image = await encodedImage(sample);
  const extension = EXTENSIONS[imageFormat(image) ?? ''];
  if (!extension)
    throw new Error(`${sample.key}: the image is no JPEG, PNG, WebP, AVIF or GIF: decode it first.`);
  const { key, captions, regions } = sample;
  return [
    { name: `${stem}.${extension}`, content: image },
    { name: `${stem}.json`, content: new TextEncoder().encode(JSON.stringify({ key, captions, regions })) },
  ];
}

/** Why a shard can't hold a sample: by the file's size and first bytes, without decoding. Undefined where it can. */
export async function badForShards(sample: Sample): Promise<BadSample | undefined> {
  try {
    await sampleMembers(sample, '');
    return undefined;
  } catch (error) {
    return badImage(sample, error);
  }
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
