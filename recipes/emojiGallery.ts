/**
 * The gallery of the embedded model: every emoji as Noto draws it, a style the model never saw.
 *
 *   npx tsx recipes/emojiGallery.ts [model directory, default models/emoji]
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildEmojiDataset, type EmojiDataset } from '../src/data/emoji/dataset.ts';
import { styleSources } from '../src/data/emoji/styles.ts';
import { EMBEDDED_MODEL, load } from '../src/encoder.ts';
import { buildGallery, type GallerySource } from '../src/search/gallery.ts';
import type { GalleryItem } from '../src/search/galleryFiles.ts';

const SKIN_TONES = /-1f3f[b-f](?=-|$)/g;

/** All concepts in the held-out style; skin tones are variants of the emoji without. */
export function emojiGallerySource(dataset: EmojiDataset): GallerySource {
  const { concepts, heldOutStyle, size } = dataset;
  const ids = new Set(concepts.map(({ id }) => id));
  const items = concepts.map(({ id, emoji, englishName }): GalleryItem => {
    const plain = id.replace(SKIN_TONES, '');
    return {
      id,
      emoji,
      name: englishName,
      ...(plain !== id && ids.has(plain) && { variantOf: plain }),
    };
  });
  const { packageName, licence } = styleSources[heldOutStyle];
  return {
    description: `${items.length} emoji in the drawing style ${heldOutStyle} (npm package ${packageName}, ${licence}), which the model was not trained on.`,
    size,
    items,
    picture: (index) => dataset.picture(heldOutStyle, concepts[index]!.index),
  };
}

async function main(model: string): Promise<void> {
  const dataset = await buildEmojiDataset({ seed: 0, size: 64 });
  const encoder = await load(model);
  const folder = join(model, 'gallery');
  const bytes = await buildGallery(encoder, emojiGallerySource(dataset), folder);
  await encoder.dispose();
  console.log(`${folder}: ${dataset.concepts.length} pictures, ${(bytes / 2 ** 20).toFixed(1)} MiB`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv[2] ?? EMBEDDED_MODEL);
