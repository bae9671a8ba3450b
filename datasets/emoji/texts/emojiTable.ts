import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { locatePackage } from '../packages.ts';
import { sequenceIdFromHex } from './sequence.ts';

/** One emoji of Unicode. */
export interface EmojiRow {
  /** Sequence identifier (see sequence.ts). */
  readonly id: string;
  /** Fully qualified text, as keyboards send it. */
  readonly emoji: string;
  /** Unicode's group, for example 'Animals & Nature'. */
  readonly group: string;
  readonly subgroup: string;
  /** The name of the character in Unicode, in capitals; sequences and newer flags have none. */
  readonly characterName?: string;
}

const variantSchema = z.object({ unified: z.string() });
const tableSchema = z.array(
  variantSchema.extend({
    name: z.string().nullable(),
    category: z.string(),
    subcategory: z.string(),
    sort_order: z.number(),
    skin_variations: z.record(z.string(), variantSchema).optional(),
  }),
);

function textOf(hex: string): string {
  return String.fromCodePoint(...hex.split('-').map((point) => Number.parseInt(point, 16)));
}

/** Every emoji of Unicode in its order (faces first, flags last; each before its skin tones). */
export async function readEmojiTable(): Promise<EmojiRow[]> {
  const path = join(locatePackage('emoji-datasource-google').directory, 'emoji.json');
  const table = tableSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  return table
    .sort((a, b) => a.sort_order - b.sort_order)
    .flatMap(({ name, category, subcategory, ...row }) =>
      [row, ...Object.values(row.skin_variations ?? {})].map(({ unified }) => ({
        id: sequenceIdFromHex(unified),
        emoji: textOf(unified),
        group: category,
        subgroup: subcategory,
        ...(unified === row.unified && name !== null ? { characterName: name } : {}),
      })),
    );
}
