import { RESAMPLE_BYTES } from './resampleBytes.ts';
import type { Resampler, ResamplingTable } from './resamplingTable.ts';

/** What resample.wat exports. Positions are bytes in its memory. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  resizeRows(
    source: number,
    sourceStride: number,
    rows: number,
    target: number,
    width: number,
    starts: number,
    weights: number,
    pairs: number,
  ): void;
  resizeColumns(
    source: number,
    length: number,
    target: number,
    height: number,
    starts: number,
    weights: number,
    pairs: number,
  ): void;
}

/**
 * Bytes of an image that are resampled at once. The kernel's memory never shrinks, so that a whole large image in it would
 * be kept for good; bands of this size also stay in the processor's caches.
 */
const BAND_BYTES = 4 * 2 ** 20;
/** The largest band: of an image so long that its smallest one, a row or a vector's width of columns, is larger. */
const LARGEST_BAND = 64 * 2 ** 20;
const PAGE_BYTES = 2 ** 16;
const VECTOR_BYTES = 16;
/** Bits of a weight's low part: it and the high part fit signed 16-bit factors. */
const LOW_BITS = 14;
const LOW_MASK = (1 << LOW_BITS) - 1;

/** The part of WebAssembly that is used: TypeScript has its types in browsers only. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: object };
}

let loaded: Kernel | null | undefined;

/** The kernel, or null where the engine has no 128-bit vectors or forbids WebAssembly. */
function kernel(): Kernel | null {
  if (loaded !== undefined) return loaded;
  try {
    const { Module, Instance } = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;
    const bytes = Uint8Array.from(atob(RESAMPLE_BYTES), (character) => character.charCodeAt(0));
    const { exports } = new Instance(new Module(bytes));
    // The module is ours: its exports are those of resample.wat.
    loaded = exports as unknown as Kernel;
  } catch {
    loaded = null;
  }
  return loaded;
}

/** Starts (times `unit` bytes) and weights as the kernel reads them, one after the other. */
interface PackedTable {
  readonly packed: Int32Array;
  readonly pairs: number;
  readonly weightsAt: number;
  /** Bytes from one tap to the next. */
  readonly unit: number;
}

function packTable({ stride, starts, counts, weights }: ResamplingTable, unit: number): PackedTable {
  const size = starts.length;
  const pairs = Math.ceil(counts.reduce((most, count) => Math.max(most, count), 0) / 2);
  const packed = new Int32Array(size + size * pairs * 2);
  for (let o = 0; o < size; o++) {
    packed[o] = starts[o]! * unit;
    const tap = (i: number) => (i < counts[o]! ? weights[o * stride + i]! : 0);
    for (let pair = 0; pair < pairs; pair++) {
      const [first, second] = [tap(2 * pair), tap(2 * pair + 1)];
      const at = size + (o * pairs + pair) * 2;
      packed[at] = (first & LOW_MASK) | ((second & LOW_MASK) << 16);
      packed[at + 1] = ((first >> LOW_BITS) & 0xffff) | ((second >> LOW_BITS) << 16);
    }
  }
  return { packed, pairs, weightsAt: size * 4, unit };
}

/**
 * Room in the kernel's memory for the table, a band and its result, each followed by the room that whole vectors need.
 * The table is written there.
 */
function place(
  { memory }: Kernel,
  { packed, pairs, unit }: PackedTable,
  bandBytes: number,
  resultBytes: number,
) {
  const sourceAt = packed.byteLength;
  const targetAt = sourceAt + bandBytes + 2 * pairs * unit + VECTOR_BYTES;
  const missing = targetAt + resultBytes + VECTOR_BYTES - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  new Int32Array(memory.buffer, 0, packed.length).set(packed);
  return { bytes: new Uint8Array(memory.buffer), sourceAt, targetAt };
}

/** Bands of whole rows: each row is resampled by itself. */
function resizeRows(
  kernel: Kernel,
  source: Uint8Array,
  inputWidth: number,
  rows: number,
  outputWidth: number,
  table: ResamplingTable,
): Uint8Array {
  const [from, to] = [inputWidth * 3, outputWidth * 3];
  const packed = packTable(table, 3);
  const band = Math.min(rows, Math.max(1, Math.floor(BAND_BYTES / (from + to))));
  const { bytes, sourceAt, targetAt } = place(kernel, packed, band * from, band * to);
  const result = new Uint8Array(rows * to);
  for (let row = 0; row < rows; row += band) {
    const count = Math.min(band, rows - row);
    bytes.set(source.subarray(row * from, (row + count) * from), sourceAt);
    kernel.resizeRows(sourceAt, from, count, targetAt, outputWidth, 0, packed.weightsAt, packed.pairs);
    result.set(bytes.subarray(targetAt, targetAt + count * to), row * to);
  }
  return result;
}

/** Columns of bytes that one band takes when an image has so many rows, before and after: whole vectors. */
const columnsAtOnce = (rows: number): number =>
  Math.max(VECTOR_BYTES, Math.floor(BAND_BYTES / rows / VECTOR_BYTES) * VECTOR_BYTES);

/** Bands of columns: each byte of a row is resampled with those above and below it. */
function resizeColumns(
  kernel: Kernel,
  source: Uint8Array,
  rowLength: number,
  outputHeight: number,
  table: ResamplingTable,
): Uint8Array {
  const rows = source.length / rowLength;
  const band = Math.min(rowLength, columnsAtOnce(rows + outputHeight));
  const result = new Uint8Array(outputHeight * rowLength);
  for (let x = 0; x < rowLength; x += band) {
    const width = Math.min(band, rowLength - x);
    const packed = packTable(table, width);
    const { bytes, sourceAt, targetAt } = place(kernel, packed, rows * width, outputHeight * width);
    for (let row = 0, at = x; row < rows; row++, at += rowLength)
      bytes.set(source.subarray(at, at + width), sourceAt + row * width);
    kernel.resizeColumns(sourceAt, width, targetAt, outputHeight, 0, packed.weightsAt, packed.pairs);
    for (let row = 0, at = targetAt; row < outputHeight; row++, at += width)
      result.set(bytes.subarray(at, at + width), row * rowLength + x);
  }
  return result;
}

const resamplerOf = (kernel: Kernel): Resampler => ({
  resizeRows: (...pass) => resizeRows(kernel, ...pass),
  resizeColumns: (...pass) => resizeColumns(kernel, ...pass),
});

/**
 * Both passes with vectors (see resample.wat), or undefined where the kernel is missing or the image too long.
 * @param side the longer side of the image, before and after
 */
export function kernelResampler(side: number): Resampler | undefined {
  const native = side * VECTOR_BYTES * 2 <= LARGEST_BAND ? kernel() : null;
  return native ? resamplerOf(native) : undefined;
}
