import type { Reference } from './array.ts';

/** Applies `f` to every row (last axis) in place of a copy. */
function mapRows(x: Reference, f: (row: Float64Array) => void): Reference {
  const width = x.shape.at(-1)!;
  const data = x.data.slice();
  for (let start = 0; start < data.length; start += width) f(data.subarray(start, start + width));
  return { shape: x.shape, data };
}

export const softmax = (x: Reference): Reference =>
  mapRows(x, (row) => {
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    row.forEach((value, i) => {
      row[i] = Math.exp(value - largest);
    });
    const total = row.reduce((a, b) => a + b, 0);
    row.forEach((value, i) => {
      row[i] = value / total;
    });
  });

export function logSumExp(x: Reference): Reference {
  const width = x.shape.at(-1)!;
  const data = Float64Array.from({ length: x.data.length / width }, (_, row) => {
    const values = x.data.subarray(row * width, (row + 1) * width);
    return Math.log(values.reduce((total, value) => total + Math.exp(value), 0));
  });
  return { shape: [...x.shape.slice(0, -1), 1], data };
}

export const layerNorm = (x: Reference, scale: Reference, bias: Reference, epsilon: number): Reference =>
  mapRows(x, (row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    row.forEach((value, i) => {
      row[i] = ((value - mean) / Math.sqrt(variance + epsilon)) * scale.data[i]! + bias.data[i]!;
    });
  });
