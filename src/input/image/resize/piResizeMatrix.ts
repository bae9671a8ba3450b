import { pseudoInverse, transpose } from './pseudoInverse.ts';
import { bilinearResizeMatrix } from './resizeMatrix.ts';

/**
 * The matrix [pNew², pOld²] that turns a patch-embedding kernel for patches of pOld into one for pNew, applied to
 * each (input channel, output channel) kernel flattened by rows: `new = matrix · old`. With M the bilinear resize
 * of patches [pNew², pOld²] it is pinv(Mᵀ): embeddings of resized patches stay as they were where that is possible
 * (always when growing). Source: FlexiViT (arXiv 2212.08013), big_vision `models/proj/flexi/vit.py`.
 * @throws RangeError when a size is not a positive integer.
 */
export function piResizeMatrix(pOld: number, pNew: number): Float64Array {
  // M is the Kronecker product of the axis's matrix with itself, and so is its pseudo-inverse.
  const axis = pseudoInverse(transpose(bilinearResizeMatrix(pOld, pNew), pNew, pOld), pOld, pNew);
  return kroneckerSquare(axis, pNew, pOld);
}

/** The Kronecker product of a [rows, columns] matrix with itself: [rows², columns²]. */
function kroneckerSquare(matrix: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array((rows * columns) ** 2);
  let at = 0;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < rows; x++) {
      for (let j = 0; j < columns; j++) {
        const outer = matrix[y * columns + j]!;
        for (let i = 0; i < columns; i++) result[at++] = outer * matrix[x * columns + i]!;
      }
    }
  }
  return result;
}
