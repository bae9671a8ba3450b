import { filled } from './onnx/writer.ts';
import { add } from './primitives/elementwise.ts';
import { constant } from './primitives/source.ts';
import { formatShape, staticShape } from './shape.ts';
import { describe, type Node, type Tensor, topologicalOrder } from './tensor.ts';

/** Nodes through which `wrt` reaches the loss. */
function dependents(order: readonly Node[], wrt: readonly Tensor[]): Set<Node> {
  const reached = new Set<Node>(wrt.map((tensor) => tensor.node));
  for (const node of order) {
    if (node.inputs.some((input) => reached.has(input.node))) reached.add(node);
  }
  return reached;
}

/**
 * Reverse-mode differentiation: the gradient of a scalar loss with respect to each tensor in `wrt`.
 * Entries that the loss does not depend on get zeros.
 * @throws TypeError when the loss is not a float32 scalar, or a primitive on the way has no gradient.
 * @example
 * const w = input('w', 'float32', [3]);
 * const [gradient] = grad(sum(mul(w, w)), [w]);
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.dtype !== 'float32' || loss.shape.length !== 0) {
    throw new TypeError(`the loss must be a float32 scalar, got ${loss.dtype}${formatShape(loss.shape)}`);
  }
  const order = topologicalOrder([loss]);
  const reached = dependents(order, wrt);
  const gradients = new Map<Tensor, Tensor>();
  gradients.set(loss, constant(filled('float32', [], 1)));

  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    if (!reached.has(node) || node.inputs.length === 0) continue;
    const outputGradients = node.outputs.map((output) => gradients.get(output));
    if (outputGradients.every((gradient) => gradient === undefined)) continue;
    propagate(node, outputGradients, reached, gradients);
  }
  return wrt.map(
    (tensor) => gradients.get(tensor) ?? constant(filled('float32', staticShape(tensor.shape), 0)),
  );
}

function propagate(
  node: Node,
  outputGradients: readonly (Tensor | undefined)[],
  reached: ReadonlySet<Node>,
  gradients: Map<Tensor, Tensor>,
): void {
  // A primitive without a gradient (a comparison, stopGradient) ends the path.
  const inputGradients = node.primitive.gradient?.(node, outputGradients) ?? [];
  node.inputs.forEach((input, i) => {
    const gradient = inputGradients[i];
    if (!gradient || !reached.has(input.node)) return;
    if (formatShape(gradient.shape) !== formatShape(input.shape)) {
      throw new TypeError(`gradient of ${describe(input)} has shape ${formatShape(gradient.shape)}`);
    }
    const sofar = gradients.get(input);
    gradients.set(input, sofar ? add(sofar, gradient) : gradient);
  });
}
