import type { FileMetaData } from 'hyparquet';
import { optional, settings, text } from '../../../tensor/settings.ts';

/** Which columns hold what. */
export interface ParquetColumns {
  readonly image: string;
  readonly caption?: string;
  readonly key?: string;
  readonly language?: string;
}

/** Some columns may be named, the others are found. */
export const columnsRule = optional(
  settings<Partial<ParquetColumns>>({
    image: optional(text),
    caption: optional(text),
    key: optional(text),
    language: optional(text),
  }),
);

/** The names by which the columns go in img2dataset's output and in data sets on the Hugging Face hub. */
const NAMES = {
  image: ['image', 'jpg', 'jpeg', 'png', 'webp', 'img', 'image_bytes', 'bytes'],
  caption: ['caption', 'text', 'txt', 'captions', 'label', 'labels', 'fine_label'],
  key: ['key', '__key__', 'id'],
  language: ['language', 'lang'],
} as const;

/** The names of a file's top-level columns. */
export function columnNames({ schema }: FileMetaData): string[] {
  const names: string[] = [];
  // The schema is a tree in depth-first order; the first element is its root.
  for (let at = 1; at < schema.length; at = behind(schema, at)) names.push(schema[at]!.name);
  return names;
}

/** The place behind an element and all that is below it. Claimed children that are not there end with the schema. */
function behind(schema: FileMetaData['schema'], at: number): number {
  let next = at + 1;
  const children = schema[at]?.num_children ?? 0;
  for (let child = 0; child < children && next < schema.length; child++) next = behind(schema, next);
  return next;
}

/**
 * Finds the columns by their names, in any letter case, where `given` does not name them.
 * @param captioned whether samples need captions
 * @throws Error naming the file and its columns when one that is needed or given is missing.
 */
export function findColumns(
  names: readonly string[],
  given: Partial<ParquetColumns>,
  file: string,
  captioned = false,
): ParquetColumns {
  const has = `it has ${names.join(', ') || 'none'}`;
  const find = (role: keyof typeof NAMES): string | undefined => {
    const stated = given[role];
    if (stated !== undefined && !names.includes(stated))
      throw new Error(`${file}: has no column '${stated}'; ${has}.`);
    return stated ?? NAMES[role].map((name) => names.find((own) => own.toLowerCase() === name)).find(Boolean);
  };
  const needed = (role: 'image' | 'caption', what: string): string => {
    const found = find(role);
    if (found !== undefined) return found;
    throw new Error(
      `${file}: no column holds ${what}; ${has}: name one (columns.${role}; --${role}-column on the command line).`,
    );
  };
  const image = needed('image', 'images');
  const caption = captioned ? needed('caption', 'captions') : find('caption');
  return { image, caption, key: find('key'), language: find('language') };
}
