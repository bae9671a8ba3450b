import { join } from 'node:path';
import { writeJson } from '../checkpoint/atomic.ts';
import { castFloat } from '../checkpoint/half.ts';
import { writeSafetensors } from '../checkpoint/safetensors-writer.ts';
import { composite, type RgbaPixels } from '../data/emoji/render.ts';
import { writeSheet } from '../data/emoji/sheet.ts';
import type { Encoder } from '../encoder.ts';
import { rgbImage } from '../input/image/rgbImage.ts';
import { GALLERY_FILES, GALLERY_PROBE, type GalleryIndex, type GalleryItem } from './galleryFiles.ts';

/** What a gallery is made from. */
export interface GallerySource {
  /** One sentence: what the pictures are and under which licence. */
  readonly description: string;
  /** Side of every picture in pixels. */
  readonly size: number;
  readonly items: readonly GalleryItem[];
  /** The picture of `items[index]`, size × size RGBA with straight alpha. */
  picture(index: number): RgbaPixels;
}

/** Pictures per call of the encoder: bounds the memory for decoded pixels. */
const CHUNK = 256;

async function embedPictures(encoder: Encoder, source: GallerySource, onProgress?: GalleryProgress) {
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

export type GalleryProgress = (done: number, total: number) => void;

/**
 * Makes the files of a searchable gallery: a sprite sheet of the pictures, their names, and their embeddings by
 * this encoder (see {@link GALLERY_FILES}). The same encoder has to be used for searching.
 * @returns the sheet's size in bytes
 * @throws RangeError when there are no items, or two of the same id.
 */
export async function buildGallery(
  encoder: Encoder,
  source: GallerySource,
  outDir: string,
  onProgress?: GalleryProgress,
): Promise<number> {
  const { items, description, size } = source;
  const ids = new Set(items.map(({ id }) => id));
  if (items.length === 0) throw new RangeError('a gallery needs at least one item');
  if (ids.size !== items.length) throw new RangeError('two items of the gallery have the same id');
  const embeddings = await embedPictures(encoder, source, onProgress);
  const probe = await encoder.embedTexts([GALLERY_PROBE]);
  const bytes = await writeSheet(
    items.map((_, index) => source.picture(index)),
    items.map(({ emoji }) => emoji),
    join(outDir, GALLERY_FILES.sheet),
    { tile: size },
  );
  await writeSafetensors(join(outDir, GALLERY_FILES.embeddings), {
    image_embeds: castFloat(embeddings, 'float16'),
    probe_embeds: castFloat(probe, 'float16'),
  });
  const index: GalleryIndex = { version: 1, description, items: [...items] };
  await writeJson(join(outDir, GALLERY_FILES.index), index);
  return bytes;
}
