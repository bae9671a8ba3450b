import { runOrder } from '../emit/runOrder.ts';
import { byteWidth, sizeOf } from '../ndarray.ts';
import { staticShape } from '../shape.ts';
import type { Node, Tensor, TensorType } from '../tensor.ts';

/** Bytes of a tensor's numbers. @throws TypeError when its shape is not static */
export const bytesOf = ({ dtype, shape }: TensorType): number =>
  byteWidth(dtype) * sizeOf(staticShape(shape));

/** A piece of memory: some tensors, one after the other or under several names. */
interface Storage {
  readonly bytes: number;
  /** What another tensor must be like to take it over: ONNX Runtime compares shapes, not sizes. */
  readonly kind: string;
  /** Positions of the node that makes it, and of the last that reads what it holds. */
  readonly start: number;
  lastUse: number;
}

/**
 * The most bytes that a graph's intermediate values take at one moment, as ONNX Runtime places them: from the order in
 * which it runs the nodes, the shapes, and how long each value is read. A value takes the memory of one of its shape
 * that nobody reads any more, and that memory is then **not given back in between** (`FindReusableTensor` of its
 * planner): a quarter more than is alive, where losses share a tower. Inputs, constants and the outputs themselves do not
 * count: they have memory of their own. An estimate: temporary values within a primitive are left out.
 * @param kept intermediates that count as having memory of their own too
 * @throws TypeError when a shape is not static
 */
export function peakIntermediates(outputs: readonly Tensor[], kept: readonly Tensor[] = []): number {
  const order = runOrder(outputs);
  const changes = new Float64Array(order.length + 1);
  for (const { bytes, start, lastUse } of placed(order, new Set([...outputs, ...kept]))) {
    changes[start]! += bytes;
    changes[lastUse + 1]! -= bytes;
  }
  let [live, peak] = [0, 0];
  for (const change of changes) {
    live += change;
    peak = Math.max(peak, live);
  }
  return peak;
}

/** The memory of all intermediate values. @param outside tensors that have memory of their own */
function placed(order: readonly Node[], outside: ReadonlySet<Tensor>): Iterable<Storage> {
  const lastUse = lastUses(order);
  const storages = new Map<Tensor, Storage>();
  const ending = new Map<number, Storage[]>();
  const free = new Map<string, Storage[]>();
  order.forEach((node, position) => {
    for (const output of node.outputs) {
      const last = lastUse.get(output);
      if (last === undefined || outside.has(output)) continue;
      const kind = `${byteWidth(output.dtype)} ${output.shape.join()}`;
      const storage =
        inherited(node, output, position, storages) ??
        free.get(kind)?.pop() ??
        ({ bytes: bytesOf(output), kind, start: position, lastUse: last } satisfies Storage);
      storage.lastUse = Math.max(storage.lastUse, last);
      storages.set(output, storage);
      ending.set(storage.lastUse, [...(ending.get(storage.lastUse) ?? []), storage]);
    }
    for (const storage of new Set(ending.get(position))) {
      // An alias may have prolonged it.
      if (storage.lastUse === position) free.set(storage.kind, [...(free.get(storage.kind) ?? []), storage]);
    }
  });
  return new Set(storages.values());
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

/**
 * Kernels' own buffers, and memory that the runtime holds on to between two values of one shape: a tenth of gradients and
 * intermediate values. Measured on B/16: nothing to 5 % for the sigmoid loss and the decoder's, 10 to 30 % where
 * self-distillation and masked prediction share the image tower (bench/RESULTS.md).
 */
export const runtimeBytes = (values: number): number => Math.round(0.1 * values);
