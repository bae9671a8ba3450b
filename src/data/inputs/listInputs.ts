import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { formatOfName } from '../../input/image/decode/imageFormat.ts';
import { pathRemedy } from '../../input/pathRemedy.ts';
import { badRead, messageOf } from '../samples/badRead.ts';
import type { BadSample } from '../samples/sample.ts';
import { folderImages } from '../sources/folder/folderImages.ts';
import { addSkipped, type FolderListing, type Skipped, skippedOf } from '../sources/folder/listFolder.ts';
import { alternatives, filesMatching, isGlob } from './glob.ts';
import type { InputList, InputRead } from './input.ts';
import { isShard, readShard } from './shards.ts';
import { fileStamp } from './stamp.ts';

/** What one pattern names. */
interface Found {
  /** Images and shards, in order. */
  readonly files: readonly string[];
  readonly bad: readonly BadSample[];
  readonly skipped?: Skipped;
}

export interface ListOptions {
  /** The column of images of parquet files, where it goes by another name than usual. */
  readonly imageColumn?: string | undefined;
}

/**
 * The images that are meant by paths, folders (all pictures below them), globs, WebDataset shards and parquet files, in
 * the given order. Whether anything is said about an image does not matter. A folder without pictures stands for the
 * shards in it.
 * @param patterns as a user types them
 * @param listed paths that a program wrote: one that names nothing is a bad input and not an error
 * @throws Error naming the pattern that names nothing
 */
export async function listInputs(
  patterns: readonly string[],
  listed: readonly string[] = [],
  { imageColumn }: ListOptions = {},
): Promise<InputList> {
  const found: Found[] = [];
  for (const pattern of patterns) for (const one of await alternatives(pattern)) found.push(await find(one));
  for (const path of listed) found.push(await find(path).catch((error: unknown) => missing(path, error)));
  const total = found.reduce((sum, { files, bad }) => sum + files.length + bad.length, 0);
  return {
    ...(!found.some(({ files }) => files.some(isShard)) && { total }),
    skipped: addSkipped(found.flatMap(({ skipped }) => skipped ?? [])),
    async *reads() {
      for (const { files, bad } of found) {
        for (const path of files) yield* isShard(path) ? readShard(path, imageColumn) : readFile(path);
        for (const one of bad) yield { bad: one };
      }
    },
  };
}

const missing = (path: string, error: unknown): Found => ({
  files: [],
  bad: [badRead('list', path, 'unreadable', messageOf(error).replace(`${path}: `, '')).bad!],
});

async function find(pattern: string): Promise<Found> {
  const kind = await stat(pattern).catch(() => undefined);
  if (kind?.isDirectory()) return inFolder(pattern);
  if (kind) return { files: [pattern], bad: [] };
  if (!isGlob(pattern)) throw new Error(`${pattern}: no such file; check the path`);
  const matching = await filesMatching(pattern);
  const { base, listing } = matching ?? { base: '', listing: undefined };
  const isUsed = (path: string) => formatOfName(path) !== undefined || isShard(path);
  const files = listing?.files.filter(isUsed) ?? [];
  if (!listing || files.length === 0) throw new Error(`${pattern}: has no image files in it`);
  // What else lies in the folder was not asked for.
  const { extensions } = skippedOf(listing, isUsed);
  return { ...located(base, files, listing), skipped: { extensions, hidden: 0, folderLinks: 0 } };
}

async function inFolder(root: string): Promise<Found> {
  const { images, listing, skipped } = await folderImages(root);
  if (images.length > 0) return { ...located(root, images, listing), skipped };
  const shards = listing.files.filter(isShard);
  if (shards.length === 0) throw new Error(`${root}: has no image files in it`);
  return { ...located(root, shards, listing), skipped: skippedOf(listing, isShard) };
}

const located = (root: string, files: readonly string[], { bad }: FolderListing) => ({
  files: files.map((path) => join(root, path)),
  bad,
});

async function* readFile(path: string): AsyncGenerator<InputRead> {
  try {
    yield { input: { name: path, image: path, stamp: await fileStamp(path) } };
  } catch (error) {
    const { bad } = badRead(
      path,
      path,
      'unreadable',
      `can't be read (${messageOf(error)}): ${pathRemedy(path)}.`,
    );
    yield { bad: bad! };
  }
}
