import { applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { requireDtype } from './check.ts';
import { mul } from './elementwise.ts';
import { scalar } from './source.ts';

const sumSquaresPrimitive: Primitive<Record<string, never>> = {
  name: 'sumSquares',
  infer([x]) {
    requireDtype([x], 'float32');
    return [{ dtype: x!.dtype, shape: [] }];
  },
  emit(writer, [x], [y]) {
    writer.op('ReduceSumSquare', [x!], { keepdims: 0 }, y);
  },
  gradient: (node, [dy]) => [dy && mul(node.inputs[0]!, mul(dy, scalar(2)))],
};

/**
 * Σ x² over all elements, in one pass over memory.
 * @example
 * const norm = sqrt(sumSquares(input('x', 'float32', [4])));
 */
export const sumSquares = (x: Tensor): Tensor => applyOne(sumSquaresPrimitive, [x], {});
