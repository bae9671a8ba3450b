import type { ColumnMetaData, PageHeader } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import type { PieceFile } from './file.ts';

/** Most values of a column of a row group: arrays of that length are made before a value has been read. */
export const MAX_VALUES = 2 ** 22;

/** Bytes that are read for a page's header, which is short unless it holds statistics of long values. */
const HEADER_BYTES = 256;

/**
 * Walks through the pages of a column of a row group without reading what is in them. The library trusts the pages'
 * headers: a size below 0 makes it read the same page for ever, and a number of values makes it take memory for them.
 * @returns the bytes that the pages unpack to
 * @throws Error saying what a header claims and what can be
 */
export function checkPages(file: PieceFile, column: ColumnMetaData): number {
  const { start, end } = chunkOf(column);
  if (!(start >= 0 && start <= end && end <= file.byteLength))
    throw new Error(`a column names bytes ${start} to ${end} of ${file.byteLength}`);
  let values = 0;
  let bytes = 0;
  // As the library, which does not look at a last byte.
  for (let at = start; at < end - 1; ) {
    const { header, length } = headerAt(file, at, end);
    const { compressed_page_size: size, uncompressed_page_size: unpacked } = header;
    const { data_page_header: first, data_page_header_v2: second, dictionary_page_header: words } = header;
    const count = (second ?? first ?? words)?.num_values ?? 0;
    if (!isCount(size) || at + length + size > end)
      throw new Error(`a page at byte ${at} claims ${size} bytes of ${end - at - length}`);
    if (!isCount(unpacked)) throw new Error(`a page at byte ${at} claims to unpack to ${unpacked} bytes`);
    if (!isCount(count)) throw new Error(`a page at byte ${at} claims ${count} values`);
    values += count;
    bytes += unpacked;
    if (values > MAX_VALUES)
      throw new Error(`a column has ${values} values, more than the limit of ${MAX_VALUES}`);
    at += length + size;
  }
  return bytes;
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

/** Where the column's pages are; a dictionary comes first. */
function chunkOf({ dictionary_page_offset, data_page_offset, total_compressed_size }: ColumnMetaData) {
  const start = Number(dictionary_page_offset || data_page_offset);
  return { start, end: start + Number(total_compressed_size) };
}

function headerAt(file: PieceFile, at: number, end: number): { header: PageHeader; length: number } {
  for (let bytes = HEADER_BYTES; ; bytes *= 16) {
    const piece = Math.min(bytes, end - at);
    const reader = { view: new DataView(file.slice(at, at + piece)), offset: 0 };
    try {
      return { header: parquetHeader(reader), length: reader.offset };
    } catch (error) {
      if (piece === end - at) throw error;
    }
  }
}
