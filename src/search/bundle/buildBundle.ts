import { join } from 'node:path';
import sharp from 'sharp';
import { writeJson } from '../../checkpoint/files/atomic.ts';
import { castFloat } from '../../checkpoint/safetensors/castFloat.ts';
import { writeSafetensors } from '../../checkpoint/safetensors/writer.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { composite, type RgbaPixels } from '../../input/image/rgbaImage.ts';
import { rgbImage } from '../../input/image/rgbImage.ts';
import { int32, ndarray } from '../../tensor/index.ts';
import { BUNDLE_FILES, BUNDLE_PROBE, type BundleIndex, type BundleItem } from './bundleFiles.ts';

/** What a bundle is made from. */
export interface BundleSource {
  /** One sentence: what the pictures are and under which licence. */
  readonly description: string;
  /** Side of every picture in pixels. */
  readonly size: number;
  readonly items: readonly BundleItem[];
  /** The picture of `items[index]`, size × size RGBA with straight alpha. */
  picture(index: number): RgbaPixels;
}

/** Pictures per call of the encoder: bounds the memory for decoded pixels. */
const CHUNK = 256;

async function embedPictures(encoder: Encoder, source: BundleSource, onProgress?: BundleProgress) {
  const { items, size } = source;
  const rows = new Float32Array(items.length * encoder.width);
  for (let start = 0; start < items.length; start += CHUNK) {
    const indices = items.slice(start, start + CHUNK).map((_, i) => start + i);
    // On white: models see no transparency.
    const images = indices.map((index) => rgbImage(size, size, composite(source.picture(index))));
    rows.set((await encoder.embedImages(images)).data, start * encoder.width);
    onProgress?.(start + images.length, items.length);
  }
  return { dtype: 'float32', shape: [items.length, encoder.width], data: rows } as const;
}

/** All pictures as WebP files, one after the other; alpha stays exact. */
async function encodePictures({ items, size, picture }: BundleSource) {
  const raw = { width: size, height: size, channels: 4 } as const;
  const files: Buffer[] = [];
  for (const index of items.keys()) {
    const image = sharp(picture(index), { raw });
    files.push(await image.webp({ quality: 80, alphaQuality: 100, smartSubsample: true }).toBuffer());
  }
  let end = 0;
  const ends = files.map(({ length }) => {
    end += length;
    return end;
  });
  const bytes = Uint8Array.from(Buffer.concat(files));
  return { bytes: ndarray('uint8', [bytes.length], bytes), ends: int32([ends.length], ends) };
}

export type BundleProgress = (done: number, total: number) => void;

/**
 * Makes the files of a searchable bundle: the pictures, their names, and their embeddings by this encoder (see
 * `BUNDLE_FILES`). The same encoder has to be used for searching.
 * @returns the size of all pictures in bytes
 * @throws RangeError when there are no items, or two of the same id.
 * @example
 * const red = Uint8Array.of(255, 0, 0, 255);
 * const items = [{ id: 'red', emoji: '🟥', name: 'red' }];
 * await buildBundle(await load(), { description: 'One picture.', size: 1, items, picture: () => red }, 'out/one');
 */
export async function buildBundle(
  encoder: Encoder,
  source: BundleSource,
  outDir: string,
  onProgress?: BundleProgress,
): Promise<number> {
  const { items, description, size } = source;
  const ids = new Set(items.map(({ id }) => id));
  if (items.length === 0) throw new RangeError('a bundle needs at least one item');
  if (ids.size !== items.length) throw new RangeError('two items of the bundle have the same id');
  const embeddings = await embedPictures(encoder, source, onProgress);
  const probe = await encoder.embedTexts([BUNDLE_PROBE]);
  const pictures = await encodePictures(source);
  await writeSafetensors(join(outDir, BUNDLE_FILES.pictures), pictures);
  const embedded = {
    image_embeds: castFloat(embeddings, 'float16'),
    probe_embeds: castFloat(probe, 'float16'),
  };
  await writeSafetensors(join(outDir, BUNDLE_FILES.embeddings), embedded, { finite: true });
  const index: BundleIndex = { version: 1, description, size, items: [...items] };
  await writeJson(join(outDir, BUNDLE_FILES.index), index);
  return pictures.bytes.data.length;
}
