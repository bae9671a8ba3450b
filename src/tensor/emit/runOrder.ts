import { isConstant, isInput } from '../primitives/emitNodes.ts';
import { type Node, type Tensor, topologicalOrder } from '../tensor.ts';

/**
 * The order in which ONNX Runtime runs the nodes of a graph, which is not the one that they are written in: from the
 * last of the nodes whose results nothing reads, backwards to what it needs, the latest written first (its
 * `GraphViewer`, `ReverseDFSFrom`). It decides how long values live. What its optimisers join is left as it is.
 */
export function runOrder(outputs: readonly Tensor[]): Node[] {
  const written = topologicalOrder(outputs).filter((node) => !isInput(node) && !isConstant(node));
  const place = new Map(written.map((node, index) => [node, index]));
  const read = new Set(written.flatMap(({ inputs }) => inputs.map(({ node }) => node)));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack = written.filter((node) => !read.has(node)).map((node) => ({ node, leave: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, leave } = top;
    if (leave) order.push(node);
    else if (!seen.has(node)) {
      seen.add(node);
      stack.push({ node, leave: true });
      const sources = [...new Set(node.inputs.map((input) => input.node))]
        .filter((source) => place.has(source) && !seen.has(source))
        .sort((a, b) => place.get(a)! - place.get(b)!);
      for (const source of sources) stack.push({ node: source, leave: false });
    }
  }
  return order;
}
