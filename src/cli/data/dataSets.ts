import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { filesMatching, isGlob } from '../../data/inputs/glob.ts';
import { isShard } from '../../data/inputs/shards.ts';
import { createTally, type TallyReport } from '../../data/samples/tally.ts';
import { coco } from '../../data/sources/coco/coco.ts';
import { imageFiles } from '../../data/sources/folder/imageFiles.ts';
import { type ImageFolderOptions, imageFolder } from '../../data/sources/folder/imageFolder.ts';
import { type Skipped, skippedText } from '../../data/sources/folder/listFolder.ts';
import type { ParquetColumns } from '../../data/sources/parquet/columns.ts';
import { parquet } from '../../data/sources/parquet/parquet.ts';
import type { IndexedSource, Source, SourceOptions } from '../../data/sources/source.ts';
import { webdataset } from '../../data/sources/webdataset/webdataset.ts';
import { formatOfName } from '../../input/image/decode/imageFormat.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, note } from '../support/io.ts';

/** What `--data` takes, for help texts. */
export const DATA =
  'a folder of images (captions.csv, metadata.jsonl, a .txt beside each image, or sub-folders that name what is in them), images, .tar shards or .parquet files; globs and braces make several: shards/{000..012}.tar; - for a list on standard input';

/** What `--annotations` takes. */
export const ANNOTATIONS = 'COCO captions of the images in the folder';

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** How data sets are read. */
export interface DataSetOptions extends SourceOptions {
  /** Columns of tables, where they go by other names than usual. */
  readonly columns?: Partial<ParquetColumns>;
}

/** Whether any sample says something; else what is wrong with what should say it. */
async function findCaption(source: IndexedSource): Promise<{ found: boolean; why: TallyReport }> {
  const tally = createTally({ maxRate: 1 });
  for (let i = 0; i < source.size; i++) {
    const { sample, bad } = await source.read(i);
    if (sample && sample.captions.length > 0) return { found: true, why: tally.report() };
    // An image of which nothing is said is no reason for that.
    if (bad && bad.reason !== 'missing-caption') tally.bad(bad);
  }
  return { found: false, why: tally.report() };
}

const firstReason = ({ reasons }: TallyReport): string | undefined => {
  const [first] = Object.values(reasons).flatMap(({ examples }) => examples);
  return first && `${first.key}: ${first.detail}`;
};

/** Images whose captions, where no file says any, are the names of their folders. */
async function openImages(
  open: (options: ImageFolderOptions) => Promise<IndexedSource>,
  what: string,
  options: SourceOptions,
): Promise<IndexedSource> {
  const captioned = await open(options);
  if (options.keepUncaptioned) return captioned;
  const { found, why } = await findCaption(captioned);
  if (found) return captioned;
  const labelled = await open({ ...options, folderLabels: true });
  if ((await findCaption(labelled)).found) return labelled;
  const remedy =
    firstReason(why) ??
    'put a text file beside each (otter.txt for otter.jpg), or a captions.csv with the columns file and caption, or sort them into sub-folders by name';
  throw new Error(`${what}: nothing says what its ${captioned.size - why.bad} images show; ${remedy}`);
}

const isImage = (path: string): boolean => formatOfName(path) !== undefined;

/**
 * A path as it is, or the images or shards that a glob matches.
 * @throws Error naming a glob that matches nothing
 */
export async function pathsMatching(pattern: string): Promise<string[]> {
  if (!isGlob(pattern) || existsSync(pattern)) return [pattern];
  const matching = await filesMatching(pattern);
  const files = matching?.listing.files.filter((path) => isImage(path) || isShard(path)) ?? [];
  if (!matching || files.length === 0) throw new Error(`${pattern}: matches no images and no shards`);
  return files.map((path) => join(matching.base, path));
}

/**
 * What `--data` names, as paths: `-` stands for a list on standard input, a glob for the images or shards that match.
 * @throws Error naming a glob that matches nothing
 */
export async function dataPaths(patterns: readonly string[], io: CliIo): Promise<string[]> {
  const paths: string[] = [];
  for (const pattern of patterns)
    paths.push(...(pattern === '-' ? await readLines('-', io) : await pathsMatching(pattern)));
  return paths;
}

/**
 * The source that `--data` names: a folder, images, shards or tables.
 * @param annotations COCO files that describe the folder's images
 * @throws Error naming what can't be read; UsageError for kinds that don't go together
 */
export async function openDataSet(
  paths: readonly string[],
  annotations: readonly string[] = [],
  { columns, ...options }: DataSetOptions = {},
): Promise<Source> {
  const folders = paths.filter(isFolder);
  const tables = paths.length > 0 && paths.every((path) => path.endsWith('.parquet'));
  if (!tables && columns && Object.values(columns).some((name) => name !== undefined))
    throw new UsageError('--image-column and --caption-column are for .parquet files: leave them out');
  if (annotations.length > 0) {
    if (paths.length !== 1 || folders.length !== 1)
      throw new UsageError('--annotations describe the images of one folder: give that as --data');
    return coco({ ...options, images: folders[0]!, annotations });
  }
  const [first] = folders;
  if (first !== undefined && paths.length > 1)
    throw new UsageError(
      `--data names ${paths.length} sources; give one folder, or only images, or only shards`,
    );
  if (first !== undefined) return openImages((own) => imageFolder(first, own), first, options);
  if (paths.length > 0 && paths.every(isImage))
    return openImages((own) => imageFiles(paths, own), `${paths[0]}, …`, options);
  return tables ? parquet(paths, { ...options, columns }) : webdataset(paths, options);
}

const NOTHING: Skipped = { extensions: {}, hidden: 0, folderLinks: 0 };

/** What the lister left out of a source's folder. */
export const skippedIn = (source: Source): Skipped =>
  (source.kind === 'indexed' ? source.skipped : undefined) ?? NOTHING;

/** Says what was left out of a folder, where anything was. */
export function noteSkipped(io: CliIo, skipped: Skipped): void {
  const text = skippedText(skipped);
  if (text !== '') note(io, `left out: ${text}`);
}
