import { compile, type NdArray, type Session, type SessionOptions, type Tensor } from '../tensor/index.ts';
import type { ParameterTable } from './parameters.ts';

/**
 * Compiles a graph with the values of its parameters.
 * @param arrays by name; more than the graph declares do no harm (a training state has the whole model's)
 * @throws Error when one that it declares is not there
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
