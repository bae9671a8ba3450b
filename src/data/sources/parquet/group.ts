import { type Compressors, type FileMetaData, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { BadReason } from '../../samples/sample.ts';
import type { ParquetColumns } from './columns.ts';
import type { PieceFile } from './file.ts';
import { checkPages, MAX_VALUES } from './pages.ts';

/** A row group that is not read, with its own reason. */
export class GroupError extends Error {
  override readonly name = 'GroupError';
  readonly reason: BadReason;
  constructor(reason: BadReason, message: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * Rows up to the end of each row group.
 * @throws Error when a number of rows can't be
 */
export function groupEnds({ row_groups: groups }: FileMetaData): number[] {
  let end = 0;
  return groups.map(({ num_rows }) => {
    const rows = Number(num_rows);
    if (!(Number.isSafeInteger(rows) && rows >= 0)) throw new Error(`a row group claims ${num_rows} rows`);
    end += rows;
    return end;
  });
}

interface GroupFile {
  readonly file: PieceFile;
  readonly metadata: FileMetaData;
  readonly ends: readonly number[];
  readonly columns: ParquetColumns;
}

/**
 * The rows of a row group from one on, byte columns as bytes.
 * @throws GroupError when it is too large; Error when it is not what the metadata claims
 */
export async function groupRows(
  { file, metadata, ends, columns }: GroupFile,
  index: number,
  from: number,
  maxBytes: number,
  pulse: () => void,
): Promise<Record<string, unknown>[]> {
  const end = ends[index]!;
  const rows = end - (ends[index - 1] ?? 0);
  if (rows > MAX_VALUES) throw tooLarge(`${rows} rows`, `${MAX_VALUES}`);
  const wanted = Object.values(columns).filter((column) => column !== undefined);
  const chunks = metadata.row_groups[index]!.columns.flatMap(({ meta_data: column }) =>
    column && wanted.includes(column.path_in_schema[0]!) ? [column] : [],
  );
  const claimed = chunks.reduce((sum, column) => sum + Number(column.total_uncompressed_size), 0);
  if (claimed > maxBytes) throw tooLarge(`${claimed} bytes`, `${maxBytes}`);
  const unpacked = chunks.reduce((sum, column) => sum + checkPages(file, column), 0);
  if (unpacked > maxBytes) throw tooLarge(`pages of ${unpacked} bytes`, `${maxBytes}`);
  const read = await parquetReadObjects({
    file,
    metadata,
    columns: wanted,
    rowStart: from,
    rowEnd: end,
    compressors: alive(pulse),
    // Byte columns stay bytes; those that are declared as text are text anyway.
    utf8: false,
  });
  if (read.length !== end - from)
    throw new Error(`it gives ${read.length} rows where ${end - from} are claimed`);
  return read;
}

const tooLarge = (what: string, limit: string): GroupError =>
  new GroupError(
    'too-large',
    `a row group of ${what}, more than the limit of ${limit}: write smaller groups`,
  );

/** Unpacking takes most of the time: a sign of life after each page. */
const alive = (pulse: () => void): Compressors =>
  Object.fromEntries(
    Object.entries(compressors).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number) => {
        const output = unpack(input, length);
        pulse();
        return output;
      },
    ]),
  );
