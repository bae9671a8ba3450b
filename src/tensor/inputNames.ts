import { inputPrimitive } from './primitives/source.ts';
import { type Tensor, topologicalOrder } from './tensor.ts';

/**
 * Names of the inputs that tensors depend on, in the graph's order.
 * @example
 * console.log(inputNames([mul(input('x', 'float32', ['n']), input('w', 'float32', [1]))]));
 */
export const inputNames = (outputs: readonly Tensor[]): string[] =>
  topologicalOrder(outputs)
    .filter(({ primitive }) => primitive.name === inputPrimitive.name)
    .map(({ attributes }) => attributes['name'] as string);
