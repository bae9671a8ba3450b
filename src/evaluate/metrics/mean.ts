/** The mean of numbers that are at hand, not of a graph; NaN of none. */
export const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
