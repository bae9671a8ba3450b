import type { NdArray } from '../ndarray.ts';
import type { OnnxWriter } from '../onnx/writer.ts';
import type { Node, Tensor } from '../tensor.ts';
import { constantPrimitive, inputPrimitive } from './source.ts';

export const isInput = (node: Node): boolean => node.primitive.name === inputPrimitive.name;
export const isConstant = (node: Node): boolean => node.primitive.name === constantPrimitive.name;

/** Tensors that something reads. */
function usedTensors(order: readonly Node[], outputs: readonly Tensor[]): Set<Tensor> {
  const used = new Set<Tensor>(outputs);
  for (const node of order) for (const input of node.inputs) used.add(input);
  return used;
}

/**
 * Lets the primitives of a graph write themselves.
 * @param order inputs before users
 * @param names of the graph's inputs and of those outputs that have one; the others are added
 */
export function emitNodes(
  order: readonly Node[],
  outputs: readonly Tensor[],
  names: Map<Tensor, string>,
  writer: OnnxWriter,
): void {
  const used = usedTensors(order, outputs);
  for (const node of order) {
    if (isConstant(node)) names.set(node.outputs[0]!, writer.constant(node.attributes['array'] as NdArray));
    else if (!isInput(node)) emitNode(node, used, names, writer);
  }
}

function emitNode(
  node: Node,
  used: ReadonlySet<Tensor>,
  names: Map<Tensor, string>,
  writer: OnnxWriter,
): void {
  const outputs = node.outputs.map((output) => {
    if (!used.has(output)) return undefined;
    const name = names.get(output) ?? writer.freshName(node.primitive.name);
    names.set(output, name);
    return name;
  });
  const inputs = node.inputs.map((input) => writer.whole(names.get(input)!));
  node.primitive.emit(writer, inputs, outputs, node);
}
