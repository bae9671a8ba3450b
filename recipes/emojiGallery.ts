/**
 * The searchable collection of the embedded model: every emoji as Twemoji draws it, a style that it was trained on. In a
 * style that it never saw, it would find fewer: `siglip2 evaluate` measures that.
 *
 *   npx tsx recipes/emojiGallery.ts [model directory, default models/emoji]
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  buildEmojiDataset,
  type EmojiDataset,
  SPLIT_SEED,
  type Style,
  styleSources,
} from '../datasets/emoji/index.ts';
import { EMBEDDED_MODEL, load } from '../src/index.ts';
import { type BundleItem, type BundleSource, buildBundle } from '../src/search/index.ts';

/** All of it is drawn by one vendor, of those who draw every emoji, and may be passed on. */
const STYLE: Style = 'twemoji';

const SKIN_TONES = /-1f3f[b-f](?=-|$)/g;

/** All concepts in one style; skin tones are variants of the emoji without. */
export function emojiGallerySource(dataset: EmojiDataset): BundleSource {
  const { concepts, size } = dataset;
  const unseen = concepts.filter(({ split }) => split === 'heldOut').length;
  const ids = new Set(concepts.map(({ id }) => id));
  const items = concepts.map(({ id, emoji, englishName }): BundleItem => {
    const plain = id.replace(SKIN_TONES, '');
    return {
      id,
      emoji,
      name: englishName,
      ...(plain !== id && ids.has(plain) && { variantOf: plain }),
    };
  });
  const { packageName, licence } = styleSources[STYLE];
  return {
    description: `${items.length} emoji in the drawing style ${STYLE} (npm package ${packageName}, ${licence}), which the model learnt from; ${unseen} of the emoji it was not shown.`,
    size,
    items,
    picture: (index) => dataset.picture(STYLE, concepts[index]!.index),
  };
}

async function main(model: string): Promise<void> {
  const dataset = await buildEmojiDataset({ seed: SPLIT_SEED, size: 64 });
  const encoder = await load(model);
  const folder = join(model, 'gallery');
  const bytes = await buildBundle(encoder, emojiGallerySource(dataset), folder);
  await encoder.dispose();
  console.log(`${folder}: ${dataset.concepts.length} pictures, ${(bytes / 2 ** 20).toFixed(1)} MiB`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv[2] ?? EMBEDDED_MODEL);
