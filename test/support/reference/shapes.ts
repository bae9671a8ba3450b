import { at, forEachIndex, offsetOf, type Reference, sizeOf, tabulate } from './array.ts';

export const reshape = (x: Reference, shape: readonly number[]): Reference => ({ shape, data: x.data });

export function transpose(x: Reference, permutation: readonly number[]): Reference {
  const shape = permutation.map((axis) => x.shape[axis]!);
  return tabulate(shape, (index) => {
    const source = x.shape.map(() => 0);
    permutation.forEach((axis, i) => {
      source[axis] = index[i]!;
    });
    return at(x, source);
  });
}

/** Adds every element into the target index that broadcasting would read it from. */
export function sumTo(x: Reference, shape: readonly number[]): Reference {
  const data = new Float64Array(sizeOf(shape));
  let position = 0;
  forEachIndex(x.shape, (index) => {
    data[offsetOf(shape, index)]! += x.data[position++]!;
  });
  return { shape, data };
}

export function sum(x: Reference, axes: readonly number[], keepDims: boolean): Reference {
  const kept = sumTo(
    x,
    x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
  );
  return keepDims
    ? kept
    : reshape(
        kept,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
}

const withAxis = (shape: readonly number[], axis: number, size: number): number[] =>
  shape.map((n, i) => (i === axis ? size : n));

const shifted = (index: readonly number[], axis: number, by: number): number[] =>
  index.map((n, i) => (i === axis ? n + by : n));

export const slice = (x: Reference, axis: number, start: number, end: number): Reference =>
  tabulate(withAxis(x.shape, axis, end - start), (index) => at(x, shifted(index, axis, start)));

export function pad(x: Reference, axis: number, before: number, after: number): Reference {
  const size = x.shape[axis]!;
  return tabulate(withAxis(x.shape, axis, before + size + after), (index) => {
    const position = index[axis]! - before;
    return position >= 0 && position < size ? at(x, shifted(index, axis, -before)) : 0;
  });
}

export function concat(inputs: readonly Reference[], axis: number): Reference {
  const total = inputs.reduce((size, x) => size + x.shape[axis]!, 0);
  return tabulate(withAxis(inputs[0]!.shape, axis, total), (index) => {
    let position = index[axis]!;
    for (const x of inputs) {
      if (position < x.shape[axis]!) return at(x, shifted(index, axis, position - index[axis]!));
      position -= x.shape[axis]!;
    }
    throw new Error('unreachable: the index is inside the joined size');
  });
}
