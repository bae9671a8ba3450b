import { createHash } from 'node:crypto';
import type { RgbaPixels } from '../../src/data/index.ts';
import type { Concept, EmojiTexts } from './dataset.ts';
import { loadPictures, type PictureOptions, type StylePictures } from './drawings/pictures.ts';
import type { Style } from './drawings/styles.ts';

/** The pictures of a style by concept; some styles lack some. */
export interface ConceptPictures {
  picture(concept: number): RgbaPixels;
  readonly classes: Int32Array;
}

function classesOf(
  concepts: readonly Concept[],
  drawn: readonly Concept[],
  pictures: StylePictures,
): Int32Array {
  const classes = Int32Array.from(concepts, ({ index }) => index);
  const first = new Map<string, number>();
  drawn.forEach(({ index }, position) => {
    const hash = createHash('sha256').update(pictures.picture(position)).digest('base64');
    if (!first.has(hash)) first.set(hash, index);
    classes[index] = first.get(hash)!;
  });
  return classes;
}

/**
 * Throws if some picture is both one of a training concept and one of a held-out concept. It can't happen with
 * the drawings the families were made for; a newer version of a package may bring a new case.
 */
function checkPictureLeaks(concepts: readonly Concept[], style: Style, classes: Int32Array): void {
  for (const { index, emoji, split } of concepts) {
    const twin = concepts[classes[index]!]!;
    if (twin.split !== split) {
      throw new Error(
        `the style ${style} draws ${emoji} and ${twin.emoji} alike, but only one of them is held out; make them one family in sequence.ts`,
      );
    }
  }
}

/**
 * Rasterises a style's drawings of the concepts that it draws.
 * @throws Error when it draws a training concept and a held-out one alike
 */
export async function conceptPictures(
  { concepts, draws }: EmojiTexts,
  style: Style,
  options: PictureOptions,
): Promise<ConceptPictures> {
  const drawn = concepts.filter(({ index }) => draws(style, index));
  const pictures = await loadPictures(
    style,
    drawn.map(({ id }) => id),
    options,
  );
  const positionOf = new Map(drawn.map(({ index }, position) => [index, position]));
  const classes = classesOf(concepts, drawn, pictures);
  checkPictureLeaks(concepts, style, classes);
  return {
    classes,
    picture(concept) {
      const position = positionOf.get(concept);
      if (position === undefined) throw new RangeError(`the style ${style} does not draw concept ${concept}`);
      return pictures.picture(position);
    },
  };
}
