import { composite, rgbImage } from '../../../src/data/index.ts';
import type { Embeddings, Encoder } from '../../../src/index.ts';
import type { EmojiDataset } from '../dataset.ts';
import type { Style } from '../drawings/styles.ts';
import { canonicalText } from '../texts/annotations.ts';

/** Numbers for equal texts: two concepts with one name in a locale cannot be told apart by it. */
function textClasses(texts: readonly string[]): number[] {
  const known = new Map<string, number>();
  return texts.map((text) => {
    const key = canonicalText(text);
    const found = known.get(key) ?? known.size;
    known.set(key, found);
    return found;
  });
}

const rowByConcept = (concepts: readonly number[]): Map<number, number> =>
  new Map(concepts.map((concept, row) => [concept, row]));

/** A style's drawings of some concepts. */
export interface StyleDrawings {
  /** Row of a concept's drawing in the embeddings. */
  readonly rowOf: ReadonlyMap<number, number>;
  readonly embeddings: Embeddings;
  /** By concept: equal drawings have one number. */
  readonly classes: Int32Array;
}

/** Embeddings of the drawings of some concepts in one style. */
export async function embedStyle(
  encoder: Encoder,
  dataset: EmojiDataset,
  style: Style,
  concepts: readonly number[],
): Promise<StyleDrawings> {
  const { size } = dataset;
  const images = concepts.map((concept) => rgbImage(size, size, composite(dataset.picture(style, concept))));
  return {
    rowOf: rowByConcept(concepts),
    embeddings: await encoder.embedImages(images),
    classes: dataset.pictureClasses(style),
  };
}

/** Some concepts' names in one locale. */
export interface LocaleTexts {
  /** Row of a concept's name in the embeddings. */
  readonly rowOf: ReadonlyMap<number, number>;
  readonly classes: readonly number[];
  readonly embeddings: Embeddings;
}

/** Embeddings of the names of some concepts in one locale, of those that have one. */
export async function embedLocale(
  encoder: Encoder,
  dataset: EmojiDataset,
  locale: string,
  concepts: readonly number[],
): Promise<LocaleTexts> {
  const names = dataset.names(locale);
  const named = concepts.flatMap((concept) => {
    const name = names[concept];
    return name === undefined ? [] : [{ name, concept }];
  });
  return {
    rowOf: rowByConcept(named.map(({ concept }) => concept)),
    classes: textClasses(named.map(({ name }) => name)),
    embeddings: await encoder.embedTexts(named.map(({ name }) => name)),
  };
}
