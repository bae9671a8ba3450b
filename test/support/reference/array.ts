/** A dense row-major array of doubles: what the reference implementations compute with. */
export interface Reference {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/** Calls `visit` with every index of a shape, in row-major order. */
export function forEachIndex(shape: readonly number[], visit: (index: readonly number[]) => void): void {
  const size = sizeOf(shape);
  const index = shape.map(() => 0);
  for (let i = 0; i < size; i++) {
    visit(index);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

/** The array whose element at an index is `value(index)`. */
export function tabulate(shape: readonly number[], value: (index: readonly number[]) => number): Reference {
  const data = new Float64Array(sizeOf(shape));
  let position = 0;
  forEachIndex(shape, (index) => {
    data[position++] = value(index);
  });
  return { shape, data };
}

/** Position of an index, right-aligned as in broadcasting: size-1 axes repeat, leading axes are dropped. */
export function offsetOf(shape: readonly number[], index: readonly number[]): number {
  const lead = index.length - shape.length;
  let offset = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    offset = offset * shape[axis]! + (shape[axis] === 1 ? 0 : index[lead + axis]!);
  }
  return offset;
}

/** The element at an index, broadcasting `x` to it. */
export const at = (x: Reference, index: readonly number[]): number => x.data[offsetOf(x.shape, index)]!;

/** NumPy's broadcast shape of shapes that are known to fit. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = shapes.map((shape) => shape[axis - rank + shape.length] ?? 1);
    return sizes.find((size) => size !== 1) ?? 1;
  });
}
