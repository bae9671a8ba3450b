import { buildEmojiTexts } from './buildTexts.ts';
import { type ConceptPictures, conceptPictures } from './conceptPictures.ts';
import type { EmojiDataset, EmojiDatasetOptions } from './dataset.ts';
import type { Style } from './drawings/styles.ts';

/**
 * The whole data set: emoji drawn by several vendors, named in 105 locales, split by seed.
 * The first call rasterises the drawings into `cacheDir` (about half a minute, 55 MB per style at 64 pixels);
 * later ones read them. Equal options give equal data.
 */
export async function buildEmojiDataset(options: EmojiDatasetOptions): Promise<EmojiDataset> {
  const { size = 64, cacheDir = '.cache/emoji', onProgress } = options;
  const texts = await buildEmojiTexts(options);
  const byStyle = new Map<Style, ConceptPictures>();
  for (const style of [...texts.trainStyles, texts.heldOutStyle]) {
    const report = onProgress && ((done: number, total: number) => onProgress(style, done, total));
    byStyle.set(style, await conceptPictures(texts, style, { size, cacheDir, onProgress: report }));
  }
  function loaded(style: Style): ConceptPictures {
    const found = byStyle.get(style);
    if (found === undefined) throw new Error(`the style ${style} was not loaded; name it in options.styles`);
    return found;
  }
  return {
    ...texts,
    size,
    picture: (style, concept) => loaded(style).picture(concept),
    pictureClasses: (style) => loaded(style).classes,
  };
}
