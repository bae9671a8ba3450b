import { readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { locatePackage } from '../packages.ts';
import { type EmojiRow, readEmojiTable } from '../texts/emojiTable.ts';
import { fluentShown } from '../texts/misnamed.ts';
import { hasSkinTone, sequenceIdFromHex } from '../texts/sequence.ts';
import { readIconSet } from './iconSet.ts';
import { completeStyles, type Style, styleSources } from './styles.ts';

/** Where a drawing is: in a file, or a document at hand. */
export type Drawing = { readonly path: string } | { readonly svg: string };

/** Each drawing of a style by sequence identifier. */
export async function listDrawings(style: Style): Promise<Map<string, Drawing>> {
  const source = styleSources[style];
  if ('iconSet' in source) {
    const documents = await readIconSet(source.packageName);
    return new Map([...documents].map(([id, svg]) => [id, { svg }]));
  }
  const { packageName, folder, extension } = source;
  const directory = join(locatePackage(packageName).directory, folder);
  const files = (await readdir(directory)).filter((file) => extname(file) === extension).sort();
  const shown = style === 'fluent' ? fluentShown : (id: string) => id;
  return new Map(
    files.map((file) => [
      shown(sequenceIdFromHex(file.slice(0, -extension.length))),
      { path: join(directory, file) },
    ]),
  );
}

/** An emoji that every complete style draws. */
export interface DrawnEmoji extends Omit<EmojiRow, 'characterName'> {
  readonly skinTone: boolean;
}

/** The emoji that all four complete styles draw, in Unicode's order. */
export async function listDrawnEmoji(): Promise<DrawnEmoji[]> {
  const drawn = await Promise.all(completeStyles.map(listDrawings));
  return (await readEmojiTable())
    .filter(({ id }) => drawn.every((files) => files.has(id)))
    .map(({ id, emoji, group, subgroup }) => ({ id, emoji, group, subgroup, skinTone: hasSkinTone(id) }));
}
