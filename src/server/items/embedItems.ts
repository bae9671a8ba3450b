import { splitRows } from '../../tensor/rows.ts';
import { patchesOf } from '../batching/patches.ts';
import type { Work } from '../service.ts';
import type { Item } from './item.ts';
import { type ItemImages, withItemImages } from './withItemImages.ts';

/** Items as vectors. */
export interface EmbeddedItems {
  /** One of unit length an item, in the order of the items. */
  readonly rows: readonly Float32Array[];
  /** Tokens of the texts that were read, and patches of the images. */
  readonly tokens: number;
  /** The places of those texts of which the model read the beginning only. */
  readonly cut: number[];
}

async function embedImages(work: EmbeddingWork, images: ItemImages) {
  if (images.images.length === 0) return { rows: [], tokens: 0 };
  const { encoder } = work;
  const { maxNumPatches } = images;
  return withItemImages(work, images, async (fitted) => ({
    rows: splitRows(await encoder.embedImages(fitted, { maxNumPatches })),
    tokens: fitted.reduce((sum, image) => sum + patchesOf(encoder, image), 0),
  }));
}

async function embedTexts({ encoder }: EmbeddingWork, texts: readonly string[]) {
  if (texts.length === 0) return { rows: [], counts: [] };
  return { rows: splitRows(await encoder.embedTexts(texts)), counts: await encoder.countTokens(texts) };
}

type EmbeddingWork = Pick<Work, 'encoder' | 'images' | 'collections' | 'fetchImage'>;

/**
 * Embeds the texts and the images of a request, each kind by its own tower.
 * @throws what opening or reading an image throws; the signal's reason when the client is gone
 */
export async function embedItems(
  work: EmbeddingWork,
  items: readonly Item[],
  asked: Omit<ItemImages, 'images'>,
): Promise<EmbeddedItems> {
  const places = [...items.keys()];
  const textAt = (place: number) => items[place]?.kind === 'text';
  const textPlaces = places.filter(textAt);
  const texts = await embedTexts(
    work,
    items.flatMap((item) => (item.kind === 'text' ? [item.text] : [])),
  );
  const images = await embedImages(work, {
    ...asked,
    images: items.flatMap((item) => (item.kind === 'image' ? [item.image] : [])),
  });
  const ofKind = { text: texts.rows.values(), image: images.rows.values() };
  const rows = items.map(({ kind }) => {
    const { value } = ofKind[kind].next();
    if (value === undefined) throw new Error('the encoder gave fewer embeddings than it was asked for');
    return value;
  });
  return {
    rows,
    tokens: images.tokens + texts.counts.reduce((sum, { tokens }) => sum + tokens, 0),
    cut: textPlaces.filter((_, i) => texts.counts[i]?.isCut),
  };
}
