import { basename } from 'node:path';
import { type FileMetaData, parquetMetadataAsync } from 'hyparquet';
import { badRead, messageOf } from '../../samples/badRead.ts';
import type { BadReason } from '../../samples/sample.ts';
import type { ShardRead, SourceOptions } from '../source.ts';
import { type ClassNames, classNamesOf } from './classNames.ts';
import { columnNames, findColumns, type ParquetColumns } from './columns.ts';
import { openPieces, type PieceFile } from './file.ts';
import { GroupError, groupEnds, groupRows } from './group.ts';
import { readRow } from './row.ts';

/** How a file is read, in a form that goes from thread to thread. */
export interface ReadSettings extends SourceOptions {
  /** What reports call the source. */
  readonly name: string;
  readonly columns: Partial<ParquetColumns>;
  readonly maxGroupBytes: number;
}

/** A row group, and that it was tried before and not got through. */
export interface StuckGroup {
  readonly start: number;
  readonly detail: string;
}

/** Whoever wants to know how far the reading is. */
export interface Progress {
  /** Before a row group is read. */
  group(rows: { readonly start: number; readonly end: number }): void;
  /** After a piece of work. */
  pulse(): void;
}

/** The place behind a shard, whatever its number of rows. */
export const NO_MORE = Number.MAX_SAFE_INTEGER;

/** Metadata may be this large, however small the row groups have to be. */
const MIN_PIECE = 256 * 2 ** 20;

/** @throws Error when the file can't be read as parquet */
export async function readColumnNames(path: string): Promise<string[]> {
  const file = openPieces(path, MIN_PIECE);
  try {
    return columnNames(await parquetMetadataAsync(file));
  } finally {
    file.close();
  }
}

interface OpenFile {
  readonly path: string;
  readonly file: PieceFile;
  readonly metadata: FileMetaData;
  /** Rows up to the end of each row group. */
  readonly ends: readonly number[];
  readonly columns: ParquetColumns;
  readonly classes: ClassNames | undefined;
}

/** The end of a shard that can't be read, unless nothing was to be read from it. */
function* badFile(path: string, place: number, source: string, reason: BadReason, error: unknown) {
  if (place >= NO_MORE) return;
  yield { ...badRead(source, basename(path), reason, messageOf(error)), next: NO_MORE };
}

/**
 * The reads of a file from a place: the number of rows before it. A file from strangers may keep the thread busy for
 * ever, so that this runs in one that can be ended.
 * @param stuck row groups that are not tried again
 */
export async function* readParquet(
  path: string,
  place: number,
  settings: ReadSettings,
  stuck: readonly StuckGroup[],
  progress: Progress,
): AsyncGenerator<ShardRead> {
  const { name, maxGroupBytes } = settings;
  let file: PieceFile;
  try {
    file = openPieces(path, Math.max(maxGroupBytes, MIN_PIECE));
  } catch (error) {
    yield* badFile(path, place, name, 'unreadable', error);
    return;
  }
  try {
    const opened = await openFile(path, file, settings).catch((error: unknown) =>
      badFile(path, place, name, 'corrupt-archive', error),
    );
    if (!('metadata' in opened)) yield* opened;
    else
      for (const [i, end] of opened.ends.entries())
        if (end > place) {
          const start = opened.ends[i - 1] ?? 0;
          progress.group({ start, end });
          yield* readGroup(opened, i, Math.max(place, start), settings, stuck, progress);
        }
  } finally {
    file.close();
  }
}

async function openFile(path: string, file: PieceFile, settings: ReadSettings): Promise<OpenFile> {
  const metadata = await parquetMetadataAsync(file);
  const columns = findColumns(columnNames(metadata), settings.columns, path, !settings.keepUncaptioned);
  const classes = classNamesOf(metadata, columns.caption);
  return { path, file, metadata, ends: groupEnds(metadata), columns, classes };
}

async function* readGroup(
  opened: OpenFile,
  index: number,
  from: number,
  settings: ReadSettings,
  stuck: readonly StuckGroup[],
  progress: Progress,
): AsyncGenerator<ShardRead> {
  const { path, columns, classes } = opened;
  const [start, end] = [opened.ends[index - 1] ?? 0, opened.ends[index]!];
  const bad = (reason: BadReason, detail: string): ShardRead => ({
    ...badRead(
      settings.name,
      `${basename(path)}:${start}`,
      reason,
      `${detail}; its ${end - start} rows are skipped`,
    ),
    next: end,
  });
  const known = stuck.find((one) => one.start === start);
  if (known) {
    yield bad('corrupt-archive', known.detail);
    return;
  }
  let rows: readonly Readonly<Record<string, unknown>>[];
  try {
    rows = await groupRows(opened, index, from, settings.maxGroupBytes, progress.pulse);
  } catch (error) {
    yield bad(error instanceof GroupError ? error.reason : 'corrupt-archive', messageOf(error));
    return;
  }
  for (const [i, row] of rows.entries()) {
    const number = from + i;
    yield {
      ...readRow(row, columns, `${basename(path)}:${number}`, settings.name, settings, classes),
      next: number + 1,
    };
  }
}
