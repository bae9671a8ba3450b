import { readFile, stat } from 'node:fs/promises';
import { basename, join, posix } from 'node:path';
import { check, flag, optional, settings } from '../../../tensor/settings.ts';
import { badRead, messageOf } from '../../samples/badRead.ts';
import type { BadSample, Caption, Read, Region } from '../../samples/sample.ts';
import { captionLines, captionOf } from '../../samples/sampleText.ts';
import { captionedRead } from '../captionedRead.ts';
import { CAPTION_FILES, captionRows } from '../captionFiles.ts';
import { type IndexEntry, indexedSource } from '../indexed.ts';
import { type IndexedSource, MAX_TEXT_BYTES, type SourceOptions, sourceRules } from '../source.ts';
import { folderImages, noImages, textBeside } from './folderImages.ts';

export interface ImageFolderOptions extends SourceOptions {
  /** Captions an image of which nothing else is said with the name of the folder it lies in. Default false. */
  readonly folderLabels?: boolean;
}

const folderSchema = settings<ImageFolderOptions>({ ...sourceRules, folderLabels: optional(flag) });

/** @throws RangeError naming the option that is none */
export const checkFolderOptions = (what: string, options: ImageFolderOptions): void =>
  check(what, folderSchema, options);

/** What caption files say about one image; several lines add up. */
interface Said {
  readonly captions: Caption[];
  readonly regions: Region[];
  /** What of the lines could not be used. */
  readonly odd: string[];
}

/**
 * A folder of images with captions. In this order: `captions.jsonl`, `metadata.jsonl`, `captions.csv` or
 * `metadata.csv` in any folder (file name relative to it, one or more captions, language, regions), else a `.txt`
 * beside the image with a caption per line, else, if `folderLabels` says so, the folder's name.
 * @throws Error when the folder can't be read or holds no image; RangeError naming the option that is none.
 * @example
 * const photos = await imageFolder('photos');
 * for await (const { key, captions } of readSource(photos)) console.log(key, captions.length);
 */
export async function imageFolder(root: string, options: ImageFolderOptions = {}): Promise<IndexedSource> {
  checkFolderOptions('imageFolder', options);
  const name = options.name ?? root;
  const { images, listing, skipped } = await folderImages(root);
  if (images.length === 0) throw noImages(root);
  const paths = listing.files;
  const { said, bad } = await readCaptionFiles(root, paths, name, options.language);
  const texts = new Set(paths.filter((path) => path.endsWith('.txt')));
  const entries = images.map(
    (path): IndexEntry => ({
      read: () => readImage({ root, path, key: path, name, options, said: said.get(path), texts }),
    }),
  );
  const known = new Set(images);
  const missing = [...said.keys()].filter((path) => !known.has(path));
  const others = [
    ...bad,
    ...missing.map(
      (path): BadSample => badRead(name, path, 'missing-image', 'is captioned and not there').bad!,
    ),
    ...listing.bad.map((one): BadSample => ({ ...one, source: name })),
  ];
  return { ...indexedSource(name, [...entries, ...others]), skipped };
}

/** What the caption files among some paths, relative to a root, say about images by their paths. */
export async function readCaptionFiles(
  root: string,
  paths: readonly string[],
  source: string,
  language?: string,
) {
  const said = new Map<string, Said>();
  const bad: BadSample[] = [];
  for (const file of paths.filter((path) => CAPTION_FILES.has(basename(path)))) {
    for await (const row of captionRows(root, file, language)) {
      if (row.reason !== undefined) {
        bad.push(badRead(source, row.key, row.reason, row.detail).bad!);
        continue;
      }
      const entry = said.get(row.path) ?? { captions: [], regions: [], odd: [] };
      entry.captions.push(...row.said.captions);
      entry.regions.push(...(row.said.regions ?? []));
      entry.odd.push(...(row.said.odd ?? []).map((line) => `${row.key}: ${line}`));
      said.set(row.path, entry);
    }
  }
  return { said, bad };
}

/** An image, and where to look for what is said about it. */
interface FolderImage {
  readonly root: string;
  readonly path: string;
  /** What the sample is called. */
  readonly key: string;
  readonly name: string;
  readonly options: ImageFolderOptions;
  readonly said: Said | undefined;
  /** All `.txt` files of the folder. */
  readonly texts: ReadonlySet<string>;
}

/** An image with its captions. Never throws for what files hold. */
export async function readImage(image: FolderImage): Promise<Read> {
  const { root, path, key, name, options, said } = image;
  try {
    const captions = said ? said.captions : await captionsBeside(image);
    const regions = said && said.regions.length > 0 ? { regions: said.regions } : {};
    const odd = said && said.odd.length > 0 ? { odd: said.odd } : {};
    return captionedRead(
      { key, source: name, image: join(root, path), captions, ...regions, ...odd },
      options,
    );
  } catch (error) {
    return badRead(name, key, 'malformed-metadata', messageOf(error));
  }
}

async function captionsBeside({ root, path, options, texts }: FolderImage): Promise<Caption[]> {
  const sidecar = textBeside(path);
  if (texts.has(sidecar)) return captionLines(await readText(join(root, sidecar)), sidecar, options.language);
  const folder = posix.dirname(path);
  if (!options.folderLabels || folder === '.') return [];
  const label = posix.basename(folder).replace(/[_-]+/g, ' ');
  return [captionOf(label, options.language)];
}

async function readText(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  if (size > MAX_TEXT_BYTES)
    throw new Error(`${path}: has ${size} bytes, more than the limit of ${MAX_TEXT_BYTES}`);
  return await readFile(path);
}
