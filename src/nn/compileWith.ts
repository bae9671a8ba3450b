import { compile, type NdArray, type Session, type SessionOptions, type Tensor } from '../tensor/index.ts';
import type { ParameterTable } from './parameters.ts';

/**
 * Compiles a graph with the values of its parameters.
 * @param arrays by name; more than the graph declares do no harm (a training state has the whole model's)
 * @throws Error when one that it declares is not there
 * @example
 * const x = input('x', 'float32', ['n', 3]);
 * const parameters: ParameterTable = new Map();
 * const weight = parameterScope(parameters, 'layer').get('weight', [2, 3], normal(0.02));
 * const values = new Map([['layer.weight', float32([2, 3], [1, 0, 0, 0, 1, 0])]]);
 * const session = await compileWith({ parameters, outputs: { y: linear(x, weight) } }, values);
 * await session.dispose();
 */
export async function compileWith(
  graph: { readonly parameters: ParameterTable; readonly outputs: Readonly<Record<string, Tensor>> },
  arrays: ReadonlyMap<string, NdArray>,
  options?: SessionOptions,
): Promise<Session> {
  const weights = [...graph.parameters.keys()].map((name): [string, NdArray] => {
    const array = arrays.get(name);
    if (!array) throw new Error(`the parameter ${name} has no values`);
    return [name, array];
  });
  return compile({ outputs: graph.outputs, weights: new Map(weights) }, options);
}
