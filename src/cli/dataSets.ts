import { existsSync, statSync } from 'node:fs';
import { coco } from '../data/sources/coco.ts';
import { imageFolder } from '../data/sources/imageFolder.ts';
import { parquet } from '../data/sources/parquet.ts';
import type { IndexedSource, Source, SourceOptions } from '../data/sources/source.ts';
import { webdataset } from '../data/sources/webdataset.ts';
import { UsageError } from './errors.ts';

/** What `--data` takes, for help texts. */
export const DATA =
  'a folder of images (captions.csv, metadata.jsonl, a .txt beside each image, or sub-folders that name what is in them), .tar shards or .parquet files; braces make several: shards/{000..012}.tar';

/** What `--annotations` takes. */
export const ANNOTATIONS = 'COCO captions of the images in the folder';

const isFolder = (path: string): boolean => existsSync(path) && statSync(path).isDirectory();

/** The first sample that says something. */
async function hasCaption(source: IndexedSource): Promise<boolean> {
  for (let i = 0; i < source.size; i++) {
    const { sample } = await source.read(i);
    if (sample && sample.captions.length > 0) return true;
  }
  return false;
}

/** A folder whose captions, where no file says any, are the names of its sub-folders. */
async function openFolder(path: string, options: SourceOptions): Promise<IndexedSource> {
  const captioned = await imageFolder(path, options);
  if (options.keepUncaptioned || (await hasCaption(captioned))) return captioned;
  const labelled = await imageFolder(path, { ...options, folderLabels: true });
  if (await hasCaption(labelled)) return labelled;
  throw new Error(
    `${path}: nothing says what its ${captioned.size} images show; put a text file beside each (otter.txt for ` +
      'otter.jpg), or a captions.csv with the columns file and caption, or sort them into sub-folders by name',
  );
}

/**
 * The source that `--data` names: a folder, shards or tables.
 * @param annotations COCO files that describe the folder's images
 * @throws Error naming what can't be read; UsageError for kinds that don't go together
 */
export async function openDataSet(
  paths: readonly string[],
  annotations: readonly string[] = [],
  options: SourceOptions = {},
): Promise<Source> {
  const folders = paths.filter(isFolder);
  if (annotations.length > 0) {
    if (paths.length !== 1 || folders.length !== 1)
      throw new UsageError('--annotations describe the images of one folder: give that as --data');
    return coco({ ...options, images: folders[0]!, annotations });
  }
  if (folders.length > 1 || (folders.length === 1 && paths.length > 1))
    throw new UsageError(`--data names ${paths.length} sources; give one folder, or only shards`);
  if (folders.length === 1) return openFolder(folders[0]!, options);
  return paths.every((path) => path.endsWith('.parquet'))
    ? parquet(paths, options)
    : webdataset(paths, options);
}
