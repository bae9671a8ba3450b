import { at, broadcast, type Reference, sizeOf, tabulate } from './array.ts';
import { transpose } from './shapes.ts';

const swapLast = (x: Reference): Reference => {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
};

export interface MatmulFlags {
  readonly transA: boolean;
  readonly transB: boolean;
  readonly alpha: number;
}

/** alpha · op(a) · op(b) of the last two axes; leading axes broadcast. */
export function matmul(a: Reference, b: Reference, { transA, transB, alpha }: MatmulFlags): Reference {
  const left = transA ? swapLast(a) : a;
  const right = transB ? swapLast(b) : b;
  const inner = left.shape.at(-1)!;
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2));
  return tabulate([...batch, left.shape.at(-2)!, right.shape.at(-1)!], (index) => {
    const lead = index.slice(0, -2);
    let total = 0;
    for (let k = 0; k < inner; k++) {
      total += at(left, [...lead, index.at(-2)!, k]) * at(right, [...lead, k, index.at(-1)!]);
    }
    return alpha * total;
  });
}

/** x · weightᵀ + bias, weight [out, in]. */
export function linear(x: Reference, weight: Reference, bias?: Reference): Reference {
  const [out, size] = weight.shape as [number, number];
  return tabulate([...x.shape.slice(0, -1), out], (index) => {
    const o = index.at(-1)!;
    let total = bias ? bias.data[o]! : 0;
    for (let i = 0; i < size; i++) total += at(x, [...index.slice(0, -1), i]) * weight.data[o * size + i]!;
    return total;
  });
}

/** Rows of a table by id. */
export const gather = (table: Reference, ids: Reference): Reference =>
  tabulate([...ids.shape, table.shape[1]!], (index) =>
    at(table, [at(ids, index.slice(0, -1)), index.at(-1)!]),
  );

/** Rows of `values` added into a zero table at `ids`, in order. */
export function scatterAdd(ids: Reference, values: Reference, rows: number): Reference {
  const width = values.shape.at(-1)!;
  const data = new Float64Array(rows * width);
  for (let i = 0; i < sizeOf(ids.shape); i++) {
    for (let j = 0; j < width; j++) data[ids.data[i]! * width + j]! += values.data[i * width + j]!;
  }
  return { shape: [rows, width], data };
}
