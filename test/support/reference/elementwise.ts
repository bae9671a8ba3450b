import { at, broadcast, type Reference, tabulate } from './array.ts';

export const map = (x: Reference, f: (value: number) => number): Reference => ({
  shape: x.shape,
  data: x.data.map(f),
});

/** Element-wise function of arrays that broadcast. */
export const zip = (inputs: readonly Reference[], f: (...values: number[]) => number): Reference =>
  tabulate(broadcast(...inputs.map((x) => x.shape)), (index) => f(...inputs.map((x) => at(x, index))));

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
/** 0.5x(1 + tanh(√(2/π)(x + 0.044715x³))), Hendrycks & Gimpel 2016. */
export const gelu = (x: number): number =>
  0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
