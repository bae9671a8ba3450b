import { basename } from 'node:path';
import { expand } from 'brace-expansion';
import {
  type AsyncBuffer,
  asyncBufferFromFile,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
} from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { columnNames, findColumns, type ParquetColumns } from './parquetColumns.ts';
import { readRow } from './parquetRow.ts';
import { badRead, messageOf } from './read.ts';
import type { ShardedSource, ShardRead, SourceOptions } from './source.ts';
import { assertFile } from './webdataset.ts';

export interface ParquetOptions extends SourceOptions {
  /** Columns by name, where they are not called as img2dataset or the Hugging Face hub call them. */
  readonly columns?: Partial<ParquetColumns>;
  /** Most bytes of the columns of a row group, which is held as a whole. A larger one is skipped. Default 1 GiB. */
  readonly maxGroupBytes?: number;
}

/**
 * Parquet files with images in them, as img2dataset writes them (`jpg`, `caption`, `key`) and as data sets on the
 * Hugging Face hub are (`image` with `bytes`, `text`). Rows without image bytes, such as those that only have a URL or
 * a path, are bad. A row group is read at a time.
 * @param pattern a path, or several with braces: `data/{00000..00012}.parquet`
 * @throws Error when a file is missing, or the first has no column of images or not those that are named.
 */
export async function parquet(
  pattern: string | readonly string[],
  options: ParquetOptions = {},
): Promise<ShardedSource> {
  const patterns = typeof pattern === 'string' ? [pattern] : pattern;
  const shards = patterns.flatMap((one) => expand(one));
  if (shards.length === 0) throw new Error('parquet: no files are named: give a path or a pattern.');
  await Promise.all(shards.map(assertFile));
  await checkColumns(shards[0]!, options);
  const name = options.name ?? patterns.join(',');
  return {
    kind: 'sharded',
    name,
    shards,
    open: (shard, place) => readFile(shards[shard]!, place, name, options),
  };
}

/** Wrong names are found before the run; a broken file is one of many, and reported while reading. */
async function checkColumns(path: string, { columns = {} }: ParquetOptions): Promise<void> {
  const metadata = await parquetMetadataAsync(await asyncBufferFromFile(path)).catch(() => undefined);
  if (metadata) findColumns(columnNames(metadata), columns, path);
}

interface OpenFile {
  readonly path: string;
  readonly file: AsyncBuffer;
  readonly metadata: FileMetaData;
  readonly columns: ParquetColumns;
}

async function openFile(path: string, { columns = {} }: ParquetOptions): Promise<OpenFile> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  return { path, file, metadata, columns: findColumns(columnNames(metadata), columns, path) };
}

/** The place is the number of rows before. */
async function* readFile(
  path: string,
  place: number,
  source: string,
  options: ParquetOptions,
): AsyncGenerator<ShardRead> {
  let opened: OpenFile;
  try {
    opened = await openFile(path, options);
  } catch (error) {
    if (place === 0)
      yield {
        ...badRead(source, basename(path), 'corrupt-archive', messageOf(error)),
        next: Number.MAX_SAFE_INTEGER,
      };
    return;
  }
  let start = 0;
  for (const group of opened.metadata.row_groups) {
    const end = start + Number(group.num_rows);
    if (end > place) yield* readGroup(opened, group, start, end, Math.max(place, start), source, options);
    start = end;
  }
}

async function* readGroup(
  { path, file, metadata, columns }: OpenFile,
  group: FileMetaData['row_groups'][number],
  start: number,
  end: number,
  place: number,
  source: string,
  options: ParquetOptions,
): AsyncGenerator<ShardRead> {
  const name = `${basename(path)}:${start}`;
  const wanted = Object.values(columns).filter((column) => column !== undefined);
  const bytes = group.columns
    .filter(({ meta_data: column }) => column && wanted.includes(column.path_in_schema[0]!))
    .reduce((sum, { meta_data: column }) => sum + Number(column!.total_uncompressed_size), 0);
  const { maxGroupBytes = 2 ** 30 } = options;
  if (bytes > maxGroupBytes) {
    const detail = `a row group of ${bytes} bytes, more than the limit of ${maxGroupBytes}: write smaller groups`;
    yield { ...badRead(source, name, 'too-large', detail), next: end };
    return;
  }
  let rows: Record<string, unknown>[];
  try {
    // Byte columns stay bytes; those that are declared as text are text anyway.
    rows = await parquetReadObjects({
      file,
      metadata,
      columns: wanted,
      rowStart: place,
      rowEnd: end,
      compressors,
      utf8: false,
    });
  } catch (error) {
    yield {
      ...badRead(source, name, 'corrupt-archive', `${messageOf(error)}; the row group is skipped`),
      next: end,
    };
    return;
  }
  for (const [i, row] of rows.entries()) {
    const number = place + i;
    yield { ...readRow(row, columns, `${basename(path)}:${number}`, source, options), next: number + 1 };
  }
}
