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

/** Most memory that the kernel keeps: images of about 20 million pixels. */
const LARGEST_BYTES = 64 * 2 ** 20;
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
function packTable({ stride, starts, counts, weights }: ResamplingTable, unit: number) {
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
  return { packed, pairs, weightsAt: size * 4 };
}

/**
 * One pass in the kernel's memory: table, source and result, each followed by the room that whole vectors need.
 * @param unit bytes from one tap to the next
 */
function pass(
  { memory }: Kernel,
  source: Uint8Array,
  table: ResamplingTable,
  unit: number,
  resultBytes: number,
  run: (sourceAt: number, targetAt: number, weightsAt: number, pairs: number) => void,
): Uint8Array {
  const { packed, pairs, weightsAt } = packTable(table, unit);
  const sourceAt = packed.byteLength;
  const targetAt = sourceAt + source.length + 2 * pairs * unit + VECTOR_BYTES;
  const missing = targetAt + resultBytes + VECTOR_BYTES - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
  new Int32Array(memory.buffer, 0, packed.length).set(packed);
  const bytes = new Uint8Array(memory.buffer);
  bytes.set(source, sourceAt);
  run(sourceAt, targetAt, weightsAt, pairs);
  return bytes.slice(targetAt, targetAt + resultBytes);
}

const resamplerOf = (native: Kernel): Resampler => ({
  resizeRows: (source, inputWidth, rows, outputWidth, table) =>
    pass(native, source, table, 3, rows * outputWidth * 3, (from, to, weights, pairs) =>
      native.resizeRows(from, inputWidth * 3, rows, to, outputWidth, 0, weights, pairs),
    ),
  resizeColumns: (source, rowLength, outputHeight, table) =>
    pass(native, source, table, rowLength, outputHeight * rowLength, (from, to, weights, pairs) =>
      native.resizeColumns(from, rowLength, to, outputHeight, 0, weights, pairs),
    ),
});

/**
 * Both passes with vectors (see resample.wat), or undefined where the kernel is missing or the image too large.
 * @param bytes of the source and of the result together
 */
export function kernelResampler(bytes: number): Resampler | undefined {
  const native = bytes <= LARGEST_BYTES ? kernel() : null;
  return native ? resamplerOf(native) : undefined;
}
