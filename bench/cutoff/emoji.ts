import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EmojiDataset } from '../../datasets/emoji/dataset.ts';
import { embedLocale, embedStyle } from '../../datasets/emoji/evaluators/embedEmoji.ts';
import { buildEmojiDataset, SPLIT_SEED, type Style } from '../../datasets/emoji/index.ts';
import { canonicalText } from '../../datasets/emoji/texts/annotations.ts';
import type { Embeddings } from '../../src/encoder/embeddings.ts';
import type { Encoder } from '../../src/encoder/encoder.ts';
import { float32 } from '../../src/tensor/index.ts';

/** The style that the embedded model was not trained on, and three that it was. */
export const STYLES = ['noto', 'twemoji', 'openmoji', 'fluent'] as const satisfies readonly Style[];
export type EmojiStyle = (typeof STYLES)[number];

/** What coefficients are fitted on, or what they are tested on: no emoji and no variant of one is in both. */
export type Part = 'fit' | 'test';

/** Names of the emoji in a language, and which emoji a name fits. */
export interface Names {
  /** Row of an emoji's name. */
  readonly rowOf: ReadonlyMap<number, number>;
  readonly embeddings: Embeddings;
  /** Emoji that fit an emoji's name: its variants, and those of which it is a name or a keyword. */
  right(concept: number): ReadonlySet<number>;
}

export interface EmojiData {
  readonly concepts: EmojiDataset['concepts'];
  partOf(concept: number): Part;
  /** [concepts, d] */
  pictures(style: EmojiStyle): Embeddings;
  names(locale: string): Names;
}

const partOfFamily = (family: string): Part =>
  createHash('sha256').update(family).digest()[0]! % 3 === 0 ? 'fit' : 'test';

function gathered(entries: Iterable<readonly [string, number]>): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const [key, concept] of entries) found.set(key, (found.get(key) ?? new Set()).add(concept));
  return found;
}

async function namesIn(encoder: Encoder, dataset: EmojiDataset, locale: string): Promise<Names> {
  const { concepts } = dataset;
  const [names, keywords] = [dataset.names(locale), dataset.keywords(locale)];
  const called = gathered(
    concepts.flatMap(({ index }) =>
      [names[index] ?? [], keywords[index] ?? []]
        .flat()
        .map((text): [string, number] => [canonicalText(text), index]),
    ),
  );
  const families = gathered(concepts.map(({ index, family }): [string, number] => [family, index]));
  const all = concepts.map(({ index }) => index);
  return {
    ...(await embedLocale(encoder, dataset, locale, all)),
    right: (concept) =>
      new Set([
        ...families.get(concepts[concept]!.family)!,
        ...(called.get(canonicalText(names[concept]!)) ?? []),
      ]),
  };
}

/** Embeddings that are made once where a folder is given; who gives one sees to it that it is of the same model. */
async function kept(
  folder: string | undefined,
  name: string,
  width: number,
  make: () => Promise<Embeddings>,
): Promise<Embeddings> {
  const path = folder && join(folder, `${name}.f32`);
  if (path && existsSync(path)) {
    const data = new Float32Array(Uint8Array.from(await readFile(path)).buffer);
    return float32([data.length / width, width], data);
  }
  const made = await make();
  if (path)
    await writeFile(path, new Uint8Array(made.data.buffer, made.data.byteOffset, made.data.byteLength));
  return made;
}

/** Embeds the drawings of four styles and the names of some languages; about three minutes on two cores. */
export async function emojiData(
  encoder: Encoder,
  locales: readonly string[],
  log: (line: string) => void,
  cache?: string,
): Promise<EmojiData> {
  const dataset = await buildEmojiDataset({ seed: SPLIT_SEED, size: 60 });
  const all = dataset.concepts.map(({ index }) => index);
  const pictures = new Map<EmojiStyle, Embeddings>();
  for (const style of STYLES) {
    log(`${style} drawings`);
    const embed = async () => (await embedStyle(encoder, dataset, style, all)).embeddings;
    pictures.set(style, await kept(cache, style, encoder.width, embed));
  }
  const names = new Map<string, Names>();
  for (const locale of locales) names.set(locale, await namesIn(encoder, dataset, locale));
  return {
    concepts: dataset.concepts,
    partOf: (concept) => partOfFamily(dataset.concepts[concept]!.family),
    pictures: (style) => pictures.get(style)!,
    names: (locale) => names.get(locale)!,
  };
}
