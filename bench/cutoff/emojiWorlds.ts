import type { LogitScalars } from '../../src/encoder/classify.ts';
import type { Embeddings } from '../../src/encoder/embeddings.ts';
import { row } from '../../src/search/cutoff/scores.ts';
import { float32, type Random, takeRows } from '../../src/tensor/index.ts';
import { type EmojiData, type EmojiStyle, type Part, STYLES } from './emoji.ts';
import type { Asked, World } from './world.ts';

/** What all worlds of emoji have. */
export interface EmojiSource {
  readonly data: EmojiData;
  readonly common: Embeddings;
  readonly scalars: LogitScalars;
  readonly part: Part;
  readonly random: Random;
  /** Most queries of a world that are present, and most that are absent. */
  readonly most: number;
}

/** A drawing: a concept in a style. */
interface Drawing {
  readonly concept: number;
  readonly style: EmojiStyle;
}

function joined(parts: readonly Embeddings[]): Embeddings {
  const width = parts[0]!.shape[1]!;
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const data = new Float32Array(rows * width);
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return float32([rows, width], data);
}

const picturesOf = ({ data }: EmojiSource, drawings: readonly Drawing[]): Embeddings =>
  joined(drawings.map(({ concept, style }) => takeRows(data.pictures(style), [concept])));

const conceptsOf = ({ data, part }: EmojiSource, skinTones: boolean): number[] =>
  data.concepts.flatMap(({ index, skinTone }) =>
    data.partOf(index) === part && (skinTones || !skinTone) ? [index] : [],
  );

/** At most so many of the present, and of the absent. */
function someOf(asked: readonly Asked[], { most, random }: EmojiSource): Asked[] {
  const take = (present: boolean) =>
    random.shuffle(asked.filter(({ right }) => right.size > 0 === present)).slice(0, most);
  return [...take(true), ...take(false)];
}

function world(
  source: EmojiSource,
  group: string,
  locale: string,
  drawings: readonly Drawing[],
  weight: number,
): World {
  const { data, common, scalars } = source;
  const names = data.names(locale);
  const asked = conceptsOf(source, false).flatMap((concept): Asked[] => {
    const at = names.rowOf.get(concept);
    if (at === undefined) return [];
    const fits = names.right(concept);
    const right = new Set(drawings.flatMap((drawing, i) => (fits.has(drawing.concept) ? [i] : [])));
    return [{ query: row(names.embeddings, at), right }];
  });
  return {
    group,
    kind: 'text',
    scalars,
    pictures: picturesOf(source, drawings),
    common,
    asked: someOf(asked, source),
    weight,
  };
}

/** Some emoji in the held-out style, with skin tones where there are not enough without. */
export function collectionWorld(source: EmojiSource, locale: string, count: number, weight = 1): World {
  const plain = conceptsOf(source, false);
  const chosen = source.random
    .shuffle(count > plain.length * 0.7 ? conceptsOf(source, true) : plain)
    .slice(0, count)
    .map((concept): Drawing => ({ concept, style: 'noto' }));
  return world(source, `${count} emoji`, locale, chosen, weight);
}

/** Every emoji in a style that the model learnt from: the pictures that come with it. */
export const everyEmojiWorld = (source: EmojiSource, locale: string): World =>
  world(
    source,
    'all emoji, twemoji',
    locale,
    source.data.concepts.map(({ index }): Drawing => ({ concept: index, style: 'twemoji' })),
    1,
  );

const inEveryStyle = (concepts: readonly number[]): Drawing[] =>
  STYLES.flatMap((style) => concepts.map((concept): Drawing => ({ concept, style })));

/** A quarter as many emoji in four styles each: several are right. */
export function stylesWorld(source: EmojiSource, locale: string, count: number, weight = 1): World {
  const concepts = source.random.shuffle(conceptsOf(source, false)).slice(0, count / 4);
  return world(source, `${count} in 4 styles`, locale, inEveryStyle(concepts), weight);
}

/** A folder of one thing: all emoji that fit a name, in every style. */
export function folderWorld(source: EmojiSource, locale: string, weight = 1): World {
  const names = source.data.names(locale);
  const many = conceptsOf(source, false).filter(
    (concept) => names.rowOf.has(concept) && names.right(concept).size >= 3,
  );
  const right = [...names.right(source.random.pick(many))];
  return world(source, 'folder of one', locale, inEveryStyle(right), weight);
}

/** Words that nothing fits. */
export const wordsWorld = (
  { data, common, scalars }: EmojiSource,
  group: string,
  words: Embeddings,
  style: EmojiStyle,
  concepts: readonly number[],
  weight = 1,
): World => ({
  group,
  kind: 'text',
  scalars,
  pictures: takeRows(data.pictures(style), concepts),
  common,
  asked: Array.from({ length: words.shape[0]! }, (_, i) => ({ query: row(words, i), right: new Set() })),
  weight,
});

/** Drawings asked for with drawings: fitting are those of the same emoji or of a variant. */
export function pictureWorld(source: EmojiSource, count: number, weight = 1): World {
  const { data, random, common, scalars } = source;
  const all = random.shuffle(conceptsOf(source, false));
  const drawings = inEveryStyle(all.slice(0, count / 4));
  const pictures = picturesOf(source, drawings);
  const familyOf = (concept: number) => data.concepts[concept]!.family;
  const rightFor = (concept: number, without?: number) =>
    new Set(
      drawings.flatMap((one, i) => (i !== without && familyOf(one.concept) === familyOf(concept) ? [i] : [])),
    );
  const present = drawings.map(
    ({ concept }, at): Asked => ({ query: row(pictures, at), right: rightFor(concept, at), without: at }),
  );
  const absent = all.slice(count / 4).map((concept): Asked => {
    const query = row(data.pictures(random.pick(STYLES)), concept);
    return { query, right: rightFor(concept) };
  });
  return {
    group: `${count} by picture`,
    kind: 'image',
    scalars,
    pictures,
    common,
    asked: someOf([...present, ...absent], source),
    weight,
  };
}
