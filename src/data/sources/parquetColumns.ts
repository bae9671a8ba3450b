import type { FileMetaData } from 'hyparquet';

/** Which columns hold what. */
export interface ParquetColumns {
  readonly image: string;
  readonly caption?: string;
  readonly key?: string;
  readonly language?: string;
}

/** The names by which the columns go in img2dataset's output and in data sets on the Hugging Face hub. */
const NAMES = {
  image: ['image', 'jpg', 'jpeg', 'png', 'webp', 'image_bytes', 'bytes'],
  caption: ['caption', 'text', 'txt', 'captions'],
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

function behind(schema: FileMetaData['schema'], at: number): number {
  let next = at + 1;
  for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) next = behind(schema, next);
  return next;
}

/**
 * Finds the columns by their names, in any letter case, where `given` does not name them.
 * @throws Error naming the file and its columns when there is no image column or a given one is missing.
 */
export function findColumns(
  names: readonly string[],
  given: Partial<ParquetColumns>,
  file: string,
): ParquetColumns {
  const find = (role: keyof typeof NAMES): string | undefined => {
    const stated = given[role];
    if (stated !== undefined && !names.includes(stated))
      throw new Error(`${file}: has no column '${stated}'; it has ${names.join(', ')}.`);
    return stated ?? NAMES[role].map((name) => names.find((own) => own.toLowerCase() === name)).find(Boolean);
  };
  const image = find('image');
  if (image === undefined)
    throw new Error(`${file}: no column holds images; it has ${names.join(', ')}: name one (columns.image).`);
  return { image, caption: find('caption'), key: find('key'), language: find('language') };
}
