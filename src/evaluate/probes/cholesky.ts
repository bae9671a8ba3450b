import type { Matrix } from './matrix.ts';

/**
 * Replaces the lower triangle of a symmetric matrix by its Cholesky factor L, A = LLᵀ. Only the lower triangle is read.
 * @throws RangeError when the matrix is not positive definite
 */
function cholesky({ rows: n, data: a }: Matrix): void {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i > j) {
        a[i * n + j] = sum / a[j * n + j]!;
      } else {
        if (!(sum > 0)) {
          throw new RangeError('the features are linearly dependent: use a larger regularisation');
        }
        a[j * n + j] = Math.sqrt(sum);
      }
    }
  }
}

/** Replaces the lower triangle of a symmetric matrix A by the Cholesky factor of A + λI. @throws as {@link cholesky} */
export function choleskyRegularised(a: Matrix, lambda: number): void {
  for (let i = 0; i < a.rows; i++) a.data[i * a.rows + i]! += lambda;
  cholesky(a);
}

/** Solves LLᵀX = B in place of B. */
export function solveFactored({ rows: n, data: l }: Matrix, { columns: k, data: b }: Matrix): void {
  const subtract = (from: number, weight: number, row: number) => {
    for (let c = 0; c < k; c++) b[from * k + c]! -= weight * b[row * k + c]!;
  };
  const divide = (row: number) => {
    for (let c = 0; c < k; c++) b[row * k + c]! /= l[row * n + row]!;
  };
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtract(i, l[i * n + j]!, j);
    divide(i);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) subtract(i, l[j * n + i]!, j);
    divide(i);
  }
}
