import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { type EmojiPackageName, locatePackage } from './packages.ts';
import { hasSkinTone, sequenceIdFromHex } from './sequence.ts';

/** The vendors' drawings, each in the style of its own designers. */
export const styles = ['twemoji', 'noto', 'openmoji', 'fluent'] as const;
export type Style = (typeof styles)[number];

export interface StyleSource {
  readonly packageName: EmojiPackageName;
  /** Folder of the drawings inside the package. */
  readonly folder: string;
  readonly extension: '.svg' | '.png' | '.webp';
  /** SPDX licence of the drawings. */
  readonly licence: string;
}

export const styleSources: Readonly<Record<Style, StyleSource>> = {
  twemoji: { packageName: '@twemoji/svg', folder: '.', extension: '.svg', licence: 'CC-BY-4.0' },
  noto: {
    packageName: 'emoji-datasource-google',
    folder: 'img/google/64',
    extension: '.png',
    licence: 'Apache-2.0',
  },
  openmoji: { packageName: 'openmoji', folder: 'color/svg', extension: '.svg', licence: 'CC-BY-SA-4.0' },
  fluent: { packageName: '@lobehub/fluent-emoji-3d', folder: 'assets', extension: '.webp', licence: 'MIT' },
};

/**
 * Whose drawing a style shows for an emoji. Microsoft draws no country flags; the Fluent package fills the gap with
 * Noto's waving flags, so those are no drawings of another style when Noto is held out (or the reverse).
 */
export function drawnBy(style: Style, emoji: { readonly subgroup: string }): Style {
  return style === 'fluent' && emoji.subgroup === 'country-flag' ? 'noto' : style;
}

/** The path of each drawing of a style by sequence identifier. */
export async function listDrawings(style: Style): Promise<Map<string, string>> {
  const { packageName, folder, extension } = styleSources[style];
  const directory = join(locatePackage(packageName).directory, folder);
  const files = (await readdir(directory)).filter((file) => extname(file) === extension).sort();
  return new Map(
    files.map((file) => [sequenceIdFromHex(file.slice(0, -extension.length)), join(directory, file)]),
  );
}

/** An emoji that every style draws. */
export interface DrawnEmoji {
  /** Sequence identifier (see sequence.ts). */
  readonly id: string;
  /** Fully qualified text, as keyboards send it. */
  readonly emoji: string;
  /** Unicode's group, for example 'Animals & Nature'. */
  readonly group: string;
  readonly subgroup: string;
  readonly skinTone: boolean;
}

const variantSchema = z.object({ unified: z.string() });
const tableSchema = z.array(
  variantSchema.extend({
    category: z.string(),
    subcategory: z.string(),
    sort_order: z.number(),
    skin_variations: z.record(z.string(), variantSchema).optional(),
  }),
);

function textOf(hex: string): string {
  return String.fromCodePoint(...hex.split('-').map((point) => Number.parseInt(point, 16)));
}

/** The emoji that all four styles draw, in Unicode's order (faces first, flags last; each before its skin tones). */
export async function listDrawnEmoji(): Promise<DrawnEmoji[]> {
  const drawn = await Promise.all(styles.map(listDrawings));
  const path = join(locatePackage('emoji-datasource-google').directory, 'emoji.json');
  const table = tableSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return table
    .sort((a, b) => a.sort_order - b.sort_order)
    .flatMap((row) =>
      [row, ...Object.values(row.skin_variations ?? {})].map(({ unified }) => ({
        id: sequenceIdFromHex(unified),
        emoji: textOf(unified),
        group: row.category,
        subgroup: row.subcategory,
      })),
    )
    .filter(({ id }) => drawn.every((files) => files.has(id)))
    .map((row) => ({ ...row, skinTone: hasSkinTone(row.id) }));
}
