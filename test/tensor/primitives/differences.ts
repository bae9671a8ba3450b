import type { Reference } from '../../support/reference/array.ts';
import type { Example } from './example.ts';

/**
 * Step of the central difference in doubles: truncation ~h²·f‴/6 ≈ 1e-9 and rounding ~1e-16/h = 1e-12, both far
 * below the float32 error of the graph.
 */
const STEP = 1e-4;

function weighted(y: Reference, weights: Float64Array): number {
  return y.data.reduce((total, value, i) => total + value * weights[i]!, 0);
}

/** Gradient of Σ weights·reference with respect to one operand, by central finite differences in doubles. */
export function differences(
  { operands, reference }: Example,
  which: number,
  weights: Float64Array,
): Float64Array {
  const x = operands[which]!;
  const evaluate = (position: number, step: number) => {
    const data = x.data.slice();
    data[position]! += step;
    const moved = operands.map((other, i) => (i === which ? { ...x, data } : other));
    return weighted(reference(moved), weights);
  };
  return x.data.map((_, i) => (evaluate(i, STEP) - evaluate(i, -STEP)) / (2 * STEP));
}
