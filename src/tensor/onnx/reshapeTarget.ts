import { formatShape, type Shape } from '../shape.ts';

/**
 * A shape as ONNX's Reshape takes it: 0 for a symbolic dimension that stays where it is, -1 for the one that does not.
 * @throws RangeError when more than one is elsewhere
 */
export function reshapeTarget(from: Shape, to: Shape): number[] {
  const single = to.filter((dim) => typeof dim === 'string').length === 1;
  const target = to.map((dim, i) => {
    if (typeof dim === 'number') return dim;
    return !single && dim === from[i] ? 0 : -1;
  });
  if (target.filter((dim) => dim === -1).length > 1)
    throw new RangeError(`at most one symbolic dimension may change its place, got ${formatShape(to)}`);
  return target;
}
