import type { FileHandle } from 'node:fs/promises';
import { writeAll, writeAtomic } from '../../../checkpoint/files/atomic.ts';
import { npyHeader } from '../../../checkpoint/numpy/npy.ts';
import { safetensorsHeader } from '../../../checkpoint/safetensors/writer.ts';
import type { OutputForm, Results } from './outputForm.ts';
import { writeLines } from './textLines.ts';

type Matrix<Value> = NonNullable<OutputForm<Value>['matrix']>;

/** Bytes of rows that are collected before they are written. */
const BUFFER = 2 ** 20;

/** Writes the rows one after another, a megabyte at once. */
async function writeRows<Value>(
  file: FileHandle,
  { width, row }: Matrix<Value>,
  results: Results<Value>,
): Promise<void> {
  const held = new Float32Array(width * Math.max(1, Math.floor(BUFFER / 4 / width)));
  let length = 0;
  const flush = async () => {
    await writeAll(file, new Uint8Array(held.buffer, 0, 4 * length));
    length = 0;
  };
  for await (const { value } of results()) {
    held.set(row(value), length);
    length += width;
    if (length === held.length) await flush();
  }
  await flush();
}

/**
 * Writes one float32 array [results, width], and in the header's metadata, as JSON, what its rows belong to (`inputs`,
 * `kinds`) and, where they have names, its columns.
 * @throws CheckpointError when there are so many names that no header holds them
 */
export async function writeSafetensorsMatrix<Value>(
  path: string,
  matrix: Matrix<Value>,
  results: Results<Value>,
): Promise<void> {
  const inputs: string[] = [];
  const kinds: string[] = [];
  for await (const { name, kind } of results()) {
    inputs.push(name);
    kinds.push(kind);
  }
  const metadata = {
    inputs: JSON.stringify(inputs),
    kinds: JSON.stringify(kinds),
    ...(matrix.columns && { columns: JSON.stringify(matrix.columns) }),
  };
  const shape = [inputs.length, matrix.width];
  const header = safetensorsHeader(path, [[matrix.name, { dtype: 'float32', shape }]], { metadata });
  await writeAtomic(path, async (file) => {
    await writeAll(file, header);
    await writeRows(file, matrix, results);
  });
}

/** `photos.names.jsonl` for `photos.npy`. */
export const namesBeside = (path: string): string => `${path.replace(/\.npy$/i, '')}.names.jsonl`;

/**
 * Writes one float32 array [results, width], and beside it what its rows belong to: a JSON object a line with `kind` and
 * `input`, in the order of the rows. Where columns have names, those are the first line's `columns`.
 */
export async function writeNpyMatrix<Value>(
  path: string,
  matrix: Matrix<Value>,
  results: Results<Value>,
): Promise<void> {
  let count = 0;
  async function* names() {
    if (matrix.columns) yield JSON.stringify({ columns: matrix.columns });
    for await (const { kind, name } of results()) {
      count++;
      yield JSON.stringify({ kind, input: name });
    }
  }
  await writeAtomic(namesBeside(path), (file) => writeLines(file, names()));
  await writeAtomic(path, async (file) => {
    await writeAll(file, npyHeader('float32', [count, matrix.width]));
    await writeRows(file, matrix, results);
  });
}
