import { apply, type Tensor, topologicalOrder } from './tensor.ts';

/**
 * The same values computed from other tensors: every node that depends on a replaced tensor is built anew.
 * Differentiate before, not after: the rule of a `withGradient` still speaks of the old tensors.
 * @throws RangeError when a replacement does not fit where it is read
 */
export function replaceTensors(
  outputs: readonly Tensor[],
  replacements: ReadonlyMap<Tensor, Tensor>,
): Tensor[] {
  const known = new Map(replacements);
  for (const { primitive, inputs, attributes, outputs: results } of topologicalOrder(outputs)) {
    if (!inputs.some((input) => known.has(input)) || results.every((result) => known.has(result))) continue;
    const copies = apply(
      primitive,
      inputs.map((input) => known.get(input) ?? input),
      attributes,
    );
    results.forEach((result, i) => {
      if (!known.has(result)) known.set(result, copies[i]!);
    });
  }
  return outputs.map((output) => known.get(output) ?? output);
}
