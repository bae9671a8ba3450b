import type { NdArray } from '../../ndarray.ts';
import { sizeOf, zeros } from '../../ndarray.ts';
import type { Arrays, TensorSpec } from '../../session.ts';

/** What each symbolic dimension has turned out to be, and which tensor said so. */
type Symbols = Map<string, { readonly size: number; readonly tensor: string }>;

const show = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;

/**
 * Checks a run's arrays against the graph's inputs and outputs before native code sees them.
 * @throws Error naming the tensor that is missing, unknown, of a wrong dtype, length or shape, or aliased.
 */
export function checkRun(
  inputs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
  feeds: Arrays,
  into: Arrays,
): void {
  const symbols: Symbols = new Map();
  checkKnown('input', inputs, feeds);
  for (const spec of inputs) {
    const array = feeds[spec.name];
    if (!array)
      throw new Error(`Input "${spec.name}" is missing; the graph needs ${spec.dtype}${show(spec.shape)}.`);
    checkArray('Input', spec, array, symbols);
  }
  checkKnown('output', outputs, into);
  for (const spec of outputs) {
    const array = into[spec.name];
    if (array) checkArray('Output', spec, array, symbols);
  }
  checkDisjoint(feeds, into);
}

/** @throws Error naming the first output without a buffer. */
export function checkComplete(outputs: readonly TensorSpec[], into: Arrays): void {
  for (const { name, dtype, shape } of outputs) {
    if (!into[name]) throw new Error(`Output "${name}" has no buffer; bind ${dtype}${show(shape)} to it.`);
  }
}

/** Zero-filled arrays for those outputs whose shape the graph states and that `into` doesn't name. */
export function allocateStatic(outputs: readonly TensorSpec[], into: Arrays): Record<string, NdArray> {
  const allocated: Record<string, NdArray> = {};
  for (const { name, dtype, shape } of outputs) {
    if (into[name]) continue;
    const fixed = shape.filter((n) => typeof n === 'number');
    if (fixed.length === shape.length) allocated[name] = zeros(dtype, fixed);
  }
  return allocated;
}

function checkKnown(side: 'input' | 'output', specs: readonly TensorSpec[], arrays: Arrays): void {
  const known = new Set(specs.map((spec) => spec.name));
  for (const name of Object.keys(arrays)) {
    if (!known.has(name)) {
      throw new Error(`The graph has no ${side} "${name}"; its ${side}s are ${[...known].join(', ')}.`);
    }
  }
}

function checkArray(
  side: string,
  { name, dtype, shape }: TensorSpec,
  array: NdArray,
  symbols: Symbols,
): void {
  const what = `${side} "${name}"`;
  if (array.dtype !== dtype) throw new Error(`${what} is ${array.dtype}; the graph needs ${dtype}.`);
  if (array.data.length !== sizeOf(array.shape)) {
    throw new Error(
      `${what} has ${array.data.length} elements, but its shape ${show(array.shape)} needs ${sizeOf(array.shape)} (was its buffer transferred?).`,
    );
  }
  const fits =
    array.shape.length === shape.length &&
    array.shape.every((n, i) => typeof shape[i] === 'string' || shape[i] === n);
  if (!fits) throw new Error(`${what} has shape ${show(array.shape)}; the graph needs ${show(shape)}.`);
  shape.forEach((symbol, i) => {
    if (typeof symbol !== 'string' || symbol === '?') return;
    const size = array.shape[i] ?? 0;
    const known = symbols.get(symbol);
    if (!known) symbols.set(symbol, { size, tensor: what });
    else if (known.size !== size) {
      throw new Error(`${what} has ${symbol} = ${size}, but ${known.tensor} has ${symbol} = ${known.size}.`);
    }
  });
}

interface Range {
  readonly name: string;
  readonly written: boolean;
  readonly start: number;
  readonly end: number;
}

/** An output may share bytes neither with an input nor with another output. */
function checkDisjoint(feeds: Arrays, into: Arrays): void {
  const byBuffer = new Map<ArrayBufferLike, Range[]>();
  const add = (arrays: Arrays, written: boolean): void => {
    for (const [name, { data }] of Object.entries(arrays)) {
      if (data.byteLength === 0) continue;
      const range = { name, written, start: data.byteOffset, end: data.byteOffset + data.byteLength };
      const ranges = byBuffer.get(data.buffer);
      if (ranges) ranges.push(range);
      else byBuffer.set(data.buffer, [range]);
    }
  };
  add(into, true);
  if (byBuffer.size === 0) return;
  add(feeds, false);
  for (const ranges of byBuffer.values()) checkRanges(ranges);
}

function checkRanges(ranges: Range[]): void {
  // Swept by start: a clash is a range that begins before an earlier one of which either is written has ended.
  let read: Range | undefined;
  let written: Range | undefined;
  for (const range of ranges.sort((a, b) => a.start - b.start)) {
    const other = [written, range.written ? read : undefined].find((r) => r && r.end > range.start);
    if (other) throw new Error(clash(range, other));
    if (range.written) written = range;
    else if (!read || range.end > read.end) read = range;
  }
}

function clash(a: Range, b: Range): string {
  const output = a.written ? a : b;
  const other = a.written ? b : a;
  const side = other.written ? 'output' : 'input';
  return `Output "${output.name}" shares memory with ${side} "${other.name}"; give each its own buffer and swap the two between runs.`;
}
