import { quantiseQuery } from '../rows/quantise.ts';
import { createRows, type Row, type Rows } from '../rows/rows.ts';
import { scoreSlots } from '../scoreSlots.ts';
import { mainDirections } from './basis.ts';

/** Directions: with the rest's length four vectors of the kernel. */
const DIRECTIONS = 63;
/** Rows that the directions are found from. */
const SAMPLE = 1000;
/** Rows that are as narrow, or so few, are not worth it. */
const LEAST_WIDTH = 128;
const LEAST_ROWS = 2000;

/** The rows' integers as numbers. */
function valuesOf(rows: Rows, slots: readonly number[]): Float32Array {
  const { width } = rows.layout;
  const values = new Float32Array(slots.length * width);
  slots.forEach((slot, row) => {
    const { scale, values: integers } = rows.rowAt(slot);
    for (let i = 0; i < width; i++) values[row * width + i] = integers[i]! * scale;
  });
  return values;
}

/** Square of the length of scale · values. */
function squareOf({ scale, values }: Row): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum * scale * scale;
}

/** Inner products of all rows with orthonormal directions, [rows, directions], and how far each row of them is off. */
function project(rows: Rows, basis: Float64Array): { products: Float32Array; error: number } {
  const { width } = rows.layout;
  const directions = basis.length / width;
  const products = new Float32Array(rows.count * directions);
  let squares = 0;
  for (let k = 0; k < directions; k++) {
    const direction = quantiseQuery(Float32Array.from(basis.subarray(k * width, (k + 1) * width)));
    squares += (direction.rest + 1e-6) ** 2;
    scoreSlots(
      rows,
      direction,
      { from: 0, to: rows.count },
      () => -Infinity,
      ({ slot, score }) => {
        products[slot * directions + k] = score;
      },
    );
  }
  return { products, error: Math.sqrt(squares) * rows.reach };
}

/**
 * Rows of 64 values, in the same slots, whose inner products are at least those of the rows, to within their radii: the
 * parts along 63 directions, and the length of what is left, for v·w ≤ Σ vₖ·wₖ + ‖rest of v‖·‖rest of w‖ (Cauchy and
 * Schwarz). Undefined where they would not save anything.
 */
export function narrowRows(rows: Rows): Rows | undefined {
  const { width } = rows.layout;
  if (width < LEAST_WIDTH || rows.count < LEAST_ROWS) return undefined;
  const sample = Array.from({ length: SAMPLE }, (_, i) => Math.floor((i * rows.count) / SAMPLE));
  const { products, error } = project(rows, mainDirections(valuesOf(rows, sample), width, DIRECTIONS));
  const narrow = createRows(DIRECTIONS + 1);
  const vector = new Float32Array(DIRECTIONS + 1);
  // Products of two vectors that are off: each by itself, and both. The rest is rounding.
  const slack = error + error ** 2 / (rows.reach || 1) + 1e-6 * rows.reach;
  for (let slot = 0; slot < rows.count; slot++) {
    const row = rows.rowAt(slot);
    let along = 0;
    for (let k = 0; k < DIRECTIONS; k++) {
      vector[k] = products[slot * DIRECTIONS + k]!;
      along += vector[k]! ** 2;
    }
    const surelyAlong = Math.max(0, Math.sqrt(along) - error);
    vector[DIRECTIONS] = Math.sqrt(Math.max(0, squareOf(row) - surelyAlong ** 2));
    narrow.append(row.id, vector, row.radius + slack);
  }
  return narrow;
}
