import { applyOne, type Primitive, type Tensor } from '../tensor.ts';

/** Gradients of the inputs, given that of the output; `undefined` where none flows. */
export type GradientRule = (dy: Tensor) => readonly (Tensor | undefined)[];

interface RuleAttribute {
  readonly [key: string]: unknown;
  readonly rule: GradientRule;
}

const withGradientPrimitive: Primitive<RuleAttribute> = {
  name: 'withGradient',
  storage: 'shared',
  infer: ([y]) => [y!],
  emit(writer, [y], [output]) {
    writer.op('Identity', [y!], {}, output);
  },
  gradient: (node, [dy]) => (dy ? [undefined, ...node.attributes.rule(dy)] : []),
};

/**
 * Gives a value another gradient than that of the nodes it was made of: `rule` maps the gradient of `y` to
 * those of `inputs`. For hand-derived rules, and to recompute in the backward pass what the forward pass
 * should not keep.
 * @example
 * const x = input('x', 'float32', ['n']);
 * const straightThrough = withGradient(cast(cast(x, 'int32'), 'float32'), [x], (dy) => [dy]);
 */
export const withGradient = (y: Tensor, inputs: readonly Tensor[], rule: GradientRule): Tensor =>
  applyOne(withGradientPrimitive, [y, ...inputs], { rule });
