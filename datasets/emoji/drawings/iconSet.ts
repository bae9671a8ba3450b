import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type EmojiPackageName, locatePackage } from '../packages.ts';
import { readAnnotations } from '../texts/annotations.ts';
import { readEmojiTable } from '../texts/emojiTable.ts';
import { sequenceIdFromHex } from '../texts/sequence.ts';

/** Content of icons.json (https://iconify.design/docs/types/iconify-json.html), as far as it is needed. */
const iconSetSchema = z.object({
  width: z.number().default(16),
  height: z.number().default(16),
  icons: z.record(
    z.string(),
    z.object({ body: z.string(), width: z.number().optional(), height: z.number().optional() }),
  ),
});
export type IconSet = z.infer<typeof iconSetSchema>;

/** Content of chars.json: the name of each icon by code points. Sets whose makers did not list them have none. */
const charactersSchema = z.record(z.string(), z.string());

/** Names of an emoji, the best first. */
export interface NamedEmoji {
  readonly id: string;
  readonly names: readonly string[];
}

/** The document of an icon. Throws a TypeError if the set has no icon of that name. */
export function iconDocument({ icons, ...set }: IconSet, name: string): string {
  const icon = icons[name];
  if (icon === undefined) throw new TypeError(`the icon set has no icon '${name}'`);
  const { body, width = set.width, height = set.height } = icon;
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${body}</svg>`;
}

/** A name without what its writers disagree about: 'flag: Åland Islands' and 'flag-for-aland-islands' are one. */
const bareName = (name: string): string =>
  name
    .normalize('NFD')
    .toLowerCase()
    .replace(/^flag-for-/, 'flag-')
    .replaceAll('&', 'and')
    .replace(/[^a-z0-9]/g, '');

/**
 * Which icon shows which emoji, by name: first all that agree with their emoji's best name, then what is left with the
 * next best, each icon for one emoji at most. Of drawings that the set numbers ('astronaut-1', 'astronaut-2') the first.
 * @returns the icon's name by sequence identifier
 */
export function matchIcons(icons: readonly string[], emoji: readonly NamedEmoji[]): Map<string, string> {
  const free = new Map(icons.map((icon) => [bareName(icon), icon]));
  for (const icon of icons.filter((name) => name.endsWith('-1'))) {
    const bare = bareName(icon.slice(0, -2));
    if (!free.has(bare)) free.set(bare, icon);
  }
  const found = new Map<string, string>();
  const ranks = Math.max(0, ...emoji.map(({ names }) => names.length));
  for (let rank = 0; rank < ranks; rank++) {
    for (const { id, names } of emoji) {
      const bare = bareName(names[rank] ?? '');
      const icon = free.get(bare);
      if (icon === undefined || found.has(id)) continue;
      found.set(id, icon);
      free.delete(bare);
    }
  }
  return found;
}

async function readJson(packageName: EmojiPackageName, file: string): Promise<unknown> {
  return JSON.parse(await readFile(join(locatePackage(packageName).directory, file), 'utf8'));
}

/** Every emoji with its English name and Unicode's, which older sets go by. */
async function namedEmoji(): Promise<NamedEmoji[]> {
  const { names } = await readAnnotations('en');
  return (await readEmojiTable()).map(({ id, characterName }) => ({
    id,
    names: [names.get(id), characterName].filter((name) => name !== undefined),
  }));
}

/** The document of each emoji that an icon set draws, by sequence identifier: by code points where it lists them. */
export async function readIconSet(packageName: EmojiPackageName): Promise<Map<string, string>> {
  const set = iconSetSchema.parse(await readJson(packageName, 'icons.json'));
  const listed = Object.entries(charactersSchema.parse(await readJson(packageName, 'chars.json')));
  const icons =
    listed.length > 0
      ? listed.map(([hex, icon]): [string, string] => [sequenceIdFromHex(hex), icon])
      : [...matchIcons(Object.keys(set.icons), await namedEmoji())];
  return new Map(
    icons.filter(([, icon]) => icon in set.icons).map(([id, icon]) => [id, iconDocument(set, icon)]),
  );
}
