import type { Arrays, NdArray } from '../../../tensor/index.ts';
import { rowSize } from '../../../tensor/rows.ts';

/** A run of rows that is computed at once. The last chunk of a batch may begin among rows that another one holds. */
export interface Chunk {
  readonly start: number;
  /** Rows at its beginning that belong to the chunk before. */
  readonly overlap: number;
}

/** Chunks of `size` rows that cover `count` rows; all are whole, so that one compiled graph serves them. */
export function chunksOf(count: number, size: number): Chunk[] {
  return Array.from({ length: Math.ceil(count / size) }, (_, i) => {
    const start = Math.min(i * size, count - size);
    return { start, overlap: i * size - start };
  });
}

/**
 * Copies rows of a batch, from `start` on, into the buffers of one chunk.
 * @param count rows of the whole batch
 * @throws Error naming an input that is missing or does not fit
 */
export function fillChunk(
  buffers: Readonly<Record<string, NdArray>>,
  batch: Arrays,
  start: number,
  count: number,
): void {
  for (const [name, buffer] of Object.entries(buffers)) {
    const feed = batch[name];
    if (!feed) throw new Error(`the batch has no ${name}`);
    const shape = [count, ...buffer.shape.slice(1)];
    if (feed.dtype !== buffer.dtype || feed.shape.join() !== shape.join()) {
      throw new Error(
        `batch input ${name} is ${feed.dtype}[${feed.shape.join(', ')}], the step was built for ` +
          `${buffer.dtype}[${shape.join(', ')}]`,
      );
    }
    const from = start * rowSize(buffer);
    // Same dtype, so the same kind of array: TypeScript cannot relate the two unions.
    (buffer.data as Float32Array).set((feed.data as Float32Array).subarray(from, from + buffer.data.length));
  }
}

/** Copies a chunk's rows to their place in an array of all rows. */
export const writeChunk = (all: NdArray<'float32'>, rows: NdArray<'float32'>, start: number): void =>
  all.data.set(rows.data, start * rowSize(rows));

/** Copies rows from `start` on out of an array of all rows, with zeros for those that overlap. */
export function readChunk(
  rows: NdArray<'float32'>,
  all: NdArray<'float32'>,
  { start, overlap }: Chunk,
): void {
  const from = start * rowSize(rows);
  rows.data.set(all.data.subarray(from, from + rows.data.length));
  rows.data.fill(0, 0, overlap * rowSize(rows));
}

/** sum += term, element by element. */
export function accumulate(sum: NdArray<'float32'>, term: NdArray<'float32'>): void {
  const target = sum.data;
  const source = term.data;
  for (let i = 0; i < source.length; i++) target[i] = target[i]! + source[i]!;
}
