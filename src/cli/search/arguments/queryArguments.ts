import { resolve } from 'node:path';
import { isFile } from '../../../checkpoint/files/stats.ts';
import { extensionOf, isImageName } from '../../../input/image/decode/imageFormat.ts';
import type { Collection } from '../../../search/collection/collection.ts';
import type { QueryParts } from '../../../search/query/query.ts';
import { UsageError } from '../../support/errors.ts';

/** How arguments are told apart, for help texts. */
export const ARGUMENT_RULE =
  'An argument that names an image file is an image, any other is a text; text: or image: before it\nsays which it is.';

/** A word of the command line as a part of a query. */
interface Argument {
  readonly kind: 'text' | 'image';
  readonly value: string;
}

const quoted = (text: string): string => JSON.stringify(text);

function prefixed(argument: string): Argument | undefined {
  const [, kind, value = ''] = /^(text|image):([\s\S]*)$/.exec(argument) ?? [];
  return kind === 'text' || kind === 'image' ? { kind, value } : undefined;
}

/** @throws UsageError for what is empty, and for what looks like a file and is none that can be searched by */
async function parsed(argument: string): Promise<Argument> {
  const { kind, value } = prefixed(argument) ?? (await guessed(argument));
  if (value.trim() === '') throw new UsageError(`${quoted(argument)} is empty: say what to look for`);
  if (kind === 'image' && !(await isFile(value))) throw new UsageError(`${value}: no such file`);
  return { kind, value };
}

async function guessed(argument: string): Promise<Argument> {
  const looksLikeImage = isImageName(argument);
  const isThere = await isFile(argument);
  if (isThere && looksLikeImage) return { kind: 'image', value: argument };
  if (looksLikeImage)
    throw new UsageError(
      `${argument}: no such file; to search for these words, write ${quoted(`text:${argument}`)}`,
    );
  if (isThere && extensionOf(argument) !== '')
    throw new UsageError(
      `${argument} is a file, but its name does not end like an image’s; write ${quoted(`image:${argument}`)} or ${quoted(`text:${argument}`)}`,
    );
  return { kind: 'text', value: argument };
}

/** The texts and images that arguments name. @throws UsageError naming the argument that is neither */
export async function partsOf(words: readonly string[]): Promise<QueryParts> {
  const all = await Promise.all(words.map(parsed));
  const values = (kind: Argument['kind']) => all.filter((one) => one.kind === kind).map(({ value }) => value);
  return { texts: values('text'), images: values('image') };
}

/** Of a video or a document so many pictures say what it shows. */
const MOST_OF_FILE = 100;

/** The ids of the pictures that a `--like` names: an id, or a path with all its pictures. @throws UsageError */
async function likeOf(collection: Collection, name: string): Promise<number[]> {
  if (/^[1-9]\d{0,14}$/.test(name)) {
    const [picture] = await collection.pictures([Number(name)]);
    if (picture) return [picture.id];
    throw new UsageError(`--like ${name}: the collection ${collection.name} has no picture of this id`);
  }
  const path = resolve(name);
  const pictures = await collection.list({ filter: { folder: path }, limit: MOST_OF_FILE });
  const ids = pictures.filter((picture) => picture.path === path).map(({ id }) => id);
  if (ids.length > 0) return ids;
  throw new UsageError(
    `--like ${name}: the collection ${collection.name} has no picture of this path; give an image that is not in it as an argument, without --like`,
  );
}

/** @throws UsageError naming the one that the collection does not have */
export const likesOf = async (collection: Collection, names: readonly string[]): Promise<number[]> =>
  (await Promise.all(names.map((name) => likeOf(collection, name)))).flat();
