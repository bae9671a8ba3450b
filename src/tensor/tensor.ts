import type { DType } from './ndarray.ts';
import type { OnnxWriter } from './onnx/writer.ts';
import { formatShape, type Shape } from './shape.ts';

export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A symbolic value: one output of one node of a graph. It has a type but no numbers. */
export interface Tensor extends TensorType {
  /** @internal */
  readonly node: Node;
  /** @internal Which output of the node it is. */
  readonly index: number;
}

/** Plain data only, so that a graph can be hashed, printed and emitted by any executor. */
export type Attributes = Readonly<Record<string, unknown>>;

export interface Node<A extends Attributes = Attributes> {
  readonly primitive: Primitive<A>;
  readonly inputs: readonly Tensor[];
  readonly attributes: A;
  readonly outputs: readonly Tensor[];
}

/**
 * One operation of the closed set: its shape rule, its ONNX form and its gradient.
 * Methods (not function properties) so that a primitive with specific attributes fits `Primitive`.
 */
export interface Primitive<A extends Attributes = Attributes> {
  readonly name: string;
  /**
   * Where the result lies, for estimates of memory. `shared`: it is the first input's memory. `reused`: it may take that
   * of an input of its size which nothing reads afterwards. Default: memory of its own.
   */
  readonly storage?: 'shared' | 'reused';
  /** Output types. @throws with the offending shapes; `apply` adds the primitive and the tensor names. */
  infer(inputs: readonly TensorType[], attributes: A): readonly TensorType[];
  /** Writes ONNX nodes. `outputs[i]` is undefined when nothing reads output i. */
  emit(
    writer: OnnxWriter,
    inputs: readonly string[],
    outputs: readonly (string | undefined)[],
    node: Node<A>,
  ): void;
  /**
   * Gradients with respect to each input, given the gradients of the outputs (undefined: that output
   * does not reach the loss). An undefined entry means "no gradient flows here".
   * Nothing is computed for entries that no one asks for: graphs are emitted from their outputs.
   */
  gradient?(node: Node<A>, outputGradients: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[];
}

/** A readable handle of a tensor for error messages. */
export function describe(tensor: Tensor): string {
  const { name } = tensor.node.attributes;
  const label = typeof name === 'string' ? name : tensor.node.primitive.name;
  return `${label}: ${tensor.dtype}${formatShape(tensor.shape)}`;
}

/**
 * Applies a primitive to tensors.
 * @throws RangeError naming the primitive and the inputs when the shapes or dtypes do not fit.
 */
export function apply<A extends Attributes>(
  primitive: Primitive<A>,
  inputs: readonly Tensor[],
  attributes: A,
): readonly Tensor[] {
  let types: readonly TensorType[];
  try {
    types = primitive.infer(inputs, attributes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RangeError(`${primitive.name}(${inputs.map(describe).join('; ')}): ${reason}`, {
      cause: error,
    });
  }
  const outputs: Tensor[] = [];
  const node: Node<A> = { primitive, inputs, attributes, outputs };
  types.forEach((type, index) => {
    outputs.push({ dtype: type.dtype, shape: type.shape, node: node as Node, index });
  });
  return outputs;
}

/** Applies a primitive with one output. */
export function applyOne<A extends Attributes>(
  primitive: Primitive<A>,
  inputs: readonly Tensor[],
  attributes: A,
): Tensor {
  return apply(primitive, inputs, attributes)[0]!;
}

/** All nodes that the outputs depend on, inputs before users. Iterative: graphs are thousands deep. */
export function topologicalOrder(outputs: readonly Tensor[]): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  const stack: Node[] = outputs.map((tensor) => tensor.node).reverse();
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!;
    const seen = state.get(node);
    if (seen === 'done') {
      stack.pop();
    } else if (seen === 'open') {
      state.set(node, 'done');
      order.push(node);
      stack.pop();
    } else {
      state.set(node, 'open');
      for (let i = node.inputs.length - 1; i >= 0; i--) {
        const input = node.inputs[i]!.node;
        if (!state.has(input)) stack.push(input);
      }
    }
  }
  return order;
}
