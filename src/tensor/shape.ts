/** A dimension: a number, or the name of one that is only known when the graph runs (e.g. `batch`). */
export type Dim = number | string;
export type Shape = readonly Dim[];

export const formatShape = (shape: Shape): string => `[${shape.join(', ')}]`;

/** The axis as a non-negative index. @throws RangeError when it is outside the rank. */
export function normalizeAxis(axis: number, rank: number): number {
  const index = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(index) || index < 0 || index >= rank) {
    throw new RangeError(`axis ${axis} is outside rank ${rank}`);
  }
  return index;
}

/**
 * The number a dimension stands for. @throws TypeError for a symbolic dimension.
 * @example
 * console.log(staticDim(input('x', 'float32', ['n', 768]).shape[1], 'width')); // 768
 */
export function staticDim(dim: Dim | undefined, what = 'dimension'): number {
  if (typeof dim !== 'number') {
    throw new TypeError(`${what} must be known when the graph is built, got ${String(dim)}`);
  }
  return dim;
}

/** All dimensions as numbers. @throws TypeError when one is symbolic. */
export const staticShape = (shape: Shape): number[] => shape.map((dim) => staticDim(dim));

function broadcastDim(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return a;
  if (a === 1) return b;
  if (b === 1) return a;
  // A symbolic dimension against a number other than 1 can only be that number.
  if (typeof a === 'string') return b;
  if (typeof b === 'string') return a;
  return undefined;
}

/**
 * NumPy broadcasting of two shapes.
 * @throws RangeError naming both shapes when they do not fit.
 */
export function broadcastShapes(a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    const dim = broadcastDim(x, y);
    if (dim === undefined) throw new RangeError(`cannot broadcast ${formatShape(a)} with ${formatShape(b)}`);
    result.push(dim);
  }
  return result;
}

export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);
