import { byteWidth, sizeOf } from './ndarray.ts';
import { isConstant, isInput } from './onnx/emitNodes.ts';
import { staticShape } from './shape.ts';
import { type Node, type Tensor, type TensorType, topologicalOrder } from './tensor.ts';

/** Bytes of a tensor's numbers. @throws TypeError when its shape is not static */
export const bytesOf = ({ dtype, shape }: TensorType): number =>
  byteWidth(dtype) * sizeOf(staticShape(shape));

/** A piece of memory: some tensors, one after the other or under several names. */
interface Storage {
  bytes: number;
  /** Position of the last node that reads it. */
  lastUse: number;
}

/**
 * The most bytes that a graph's intermediate values take at one moment, from the order in which nodes run, the shapes,
 * and how long each value is read. Inputs, constants and the outputs themselves do not count: they have memory of their
 * own. An estimate: temporary values within a primitive are left out, and an executor may order and reuse differently.
 * @param kept intermediates that count as having memory of their own too
 * @throws TypeError when a shape is not static
 */
export function peakIntermediates(outputs: readonly Tensor[], kept: readonly Tensor[] = []): number {
  const order = topologicalOrder(outputs);
  const lastUse = lastUses(order);
  const outside = new Set<Tensor>([...outputs, ...kept]);
  const storages = new Map<Tensor, Storage>();
  const ending = new Map<number, Storage[]>();
  let live = 0;
  let peak = 0;
  order.forEach((node, position) => {
    for (const output of node.outputs) {
      const last = lastUse.get(output);
      if (last === undefined || outside.has(output) || isInput(node) || isConstant(node)) continue;
      const known = inherited(node, output, position, storages);
      const storage = known ?? { bytes: bytesOf(output), lastUse: last };
      if (!known) live += storage.bytes;
      storage.lastUse = Math.max(storage.lastUse, last);
      storages.set(output, storage);
      ending.set(storage.lastUse, [...(ending.get(storage.lastUse) ?? []), storage]);
    }
    peak = Math.max(peak, live);
    for (const storage of new Set(ending.get(position))) {
      // An alias may have prolonged it.
      if (storage.lastUse === position) live -= storage.bytes;
    }
  });
  return peak;
}

function lastUses(order: readonly Node[]): Map<Tensor, number> {
  const last = new Map<Tensor, number>();
  order.forEach((node, position) => {
    for (const input of node.inputs) last.set(input, position);
  });
  return last;
}

/** The memory of an input that a node's result takes over. */
function inherited(
  { primitive, inputs }: Node,
  output: Tensor,
  position: number,
  storages: ReadonlyMap<Tensor, Storage>,
): Storage | undefined {
  if (output.index > 0) return undefined;
  if (primitive.storage === 'shared') return storages.get(inputs[0]!);
  if (primitive.storage !== 'reused') return undefined;
  const bytes = bytesOf(output);
  return inputs
    .map((input) => storages.get(input))
    .find((storage) => storage?.bytes === bytes && storage.lastUse === position);
}
