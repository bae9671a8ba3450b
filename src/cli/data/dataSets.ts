import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { filesMatching, isGlob } from '../../data/inputs/glob.ts';
import { type Skipped, skippedText } from '../../data/sources/folder/listFolder.ts';
import { folder } from '../../data/sources/kinds/folder.ts';
import type { OpenOptions } from '../../data/sources/kinds/kind.ts';
import { isData, kindOf, openSource, sourceKinds } from '../../data/sources/kinds/registry.ts';
import type { Source } from '../../data/sources/source.ts';
import { UsageError } from '../support/errors.ts';
import { readLines } from '../support/inputs.ts';
import { type CliIo, note } from '../support/io.ts';

/** `a, b or c` */
function alternatives(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** What `--data` takes, for help texts. */
export const DATA = `${alternatives(sourceKinds.all().map(({ description }) => description))}; globs and braces make several: shards/{000..012}.tar; - for a list on standard input`;

/** What `--annotations` takes. */
export const ANNOTATIONS = 'COCO captions of the images in the folder';

/** How data sets are read. */
export type DataSetOptions = Omit<OpenOptions, 'annotations'>;

/**
 * A path as it is, or the images or shards that a glob matches.
 * @throws Error naming a glob that matches nothing
 */
export async function pathsMatching(pattern: string): Promise<string[]> {
  if (!isGlob(pattern) || existsSync(pattern)) return [pattern];
  const matching = await filesMatching(pattern);
  const files = matching?.listing.files.filter(isData) ?? [];
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
 * The source that `--data` names, of whatever kind (see {@link sourceKinds}).
 * @param annotations COCO files that describe the folder's images
 * @throws Error naming what can't be read; UsageError for kinds that don't go together
 */
export async function openDataSet(
  paths: readonly string[],
  annotations: readonly string[] = [],
  { columns, ...options }: DataSetOptions = {},
): Promise<Source> {
  const kind = kindOf(paths);
  const uses = kind?.uses ?? [];
  const names = Object.values(columns ?? {}).filter((name) => name !== undefined);
  if (names.length > 0 && !uses.includes('columns'))
    throw new UsageError('--image-column and --caption-column are for .parquet files: leave them out');
  if (annotations.length > 0 && (paths.length !== 1 || !uses.includes('annotations')))
    throw new UsageError('--annotations describe the images of one folder: give that as --data');
  if (paths.length > 1 && paths.some((path) => folder.takes(path)))
    throw new UsageError(
      `--data names ${paths.length} sources; give one folder, or only images, or only shards`,
    );
  return openSource(paths, { ...options, ...(columns && { columns }), annotations });
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
