import { grad } from '../grad.ts';
import { sizeOf } from '../ndarray.ts';
import type { OnnxWriter } from '../onnx/writer.ts';
import { requireDtype, requireShape } from '../primitives/check.ts';
import { add, mul, stopGradient } from '../primitives/elementwise.ts';
import { emitNodes } from '../primitives/emitNodes.ts';
import { sum } from '../primitives/reduce.ts';
import { input } from '../primitives/source.ts';
import { formatShape, type Shape, sameShape } from '../shape.ts';
import { apply, type Node, type Primitive, type Tensor, topologicalOrder } from '../tensor.ts';

interface BlockwiseAttributes {
  readonly [key: string]: unknown;
  /** Stand for the node's inputs inside the body: first the blocks, then the scalars. */
  readonly parameters: readonly Tensor[];
  /** How many of the parameters are blocks. */
  readonly blocks: number;
  readonly results: readonly Tensor[];
}

/** The number of equal pieces of about `target` elements, or 1 where none divides the size. */
export function blockCount(shape: Shape, target: number): number {
  const size = shape.reduce<number>((total, dim) => (typeof dim === 'number' ? total * dim : Number.NaN), 1);
  if (!(size >= 4 * target) || target === 0) return 1;
  const wanted = Math.round(size / target);
  for (let distance = 0; distance <= wanted / 2; distance++) {
    if (size % (wanted + distance) === 0) return wanted + distance;
    if (size % (wanted - distance) === 0) return wanted - distance;
  }
  return 1;
}

/** The body's results with other tensors in place of its parameters. */
function substitute({ parameters, results }: BlockwiseAttributes, values: readonly Tensor[]): Tensor[] {
  const known = new Map(parameters.map((parameter, i) => [parameter, values[i]!]));
  for (const { primitive, inputs, attributes, outputs } of topologicalOrder(results)) {
    if (inputs.length === 0) continue;
    const copies = apply(
      primitive,
      inputs.map((tensor) => known.get(tensor) ?? tensor),
      attributes,
    );
    outputs.forEach((output, i) => {
      known.set(output, copies[i]!);
    });
  }
  return results.map((result) => known.get(result) ?? result);
}

/** Emits the body with the given names in place of its parameters. */
function emitBody(
  writer: OnnxWriter,
  { parameters, results }: BlockwiseAttributes,
  inputs: readonly string[],
  outputs: readonly (string | undefined)[],
): void {
  const names = new Map(parameters.map((parameter, i) => [parameter, inputs[i]!]));
  const used = results.filter((_, i) => outputs[i] !== undefined);
  results.forEach((result, i) => {
    const name = outputs[i];
    if (name !== undefined) names.set(result, name);
  });
  emitNodes(topologicalOrder(used), used, names, writer);
}

/** ONNX's Scan slices its inputs and outputs in place and runs the body on one slice after the other. */
function emitScan(
  writer: OnnxWriter,
  inputs: readonly string[],
  outputs: readonly (string | undefined)[],
  { attributes, inputs: tensors }: Node<BlockwiseAttributes>,
  count: number,
): void {
  const { blocks } = attributes;
  const stacked = writer.ints([count, -1]);
  const whole = writer.ints(tensors[0]!.shape as number[]);
  const blockNames = inputs.slice(0, blocks).map(() => writer.freshName('block'));
  const results = outputs.map((name) => name && writer.freshName('result'));
  // Scalars are read from the graph around the body.
  const nodes = writer.capture(() =>
    emitBody(writer, attributes, [...blockNames, ...inputs.slice(blocks)], results),
  );
  const rank1 = (names: readonly string[]) =>
    names.map((name) => ({ name, dtype: 'float32', rank: 1 }) as const);
  const body = {
    nodes,
    inputs: rank1(blockNames),
    outputs: rank1(results.filter((name) => name !== undefined)),
  };
  const names = outputs.filter((name) => name !== undefined);
  const stacks = names.map((name) => (writer.canStack(name) ? name : writer.freshName('blocks')));
  writer.multi(
    'Scan',
    inputs.slice(0, blocks).map((name) => writer.op('Reshape', [name, stacked])),
    stacks,
    { num_scan_inputs: blocks, body: { graph: body } },
  );
  const size = sizeOf(tensors[0]!.shape as number[]);
  names.forEach((name, i) => {
    const stacked = stacks[i] === name;
    const reshaped = writer.op('Reshape', [stacks[i]!, whole], {}, stacked ? undefined : name);
    if (stacked) writer.stacked.set(name, { shape: [count, size / count], whole: reshaped });
  });
}

const blockwisePrimitive: Primitive<BlockwiseAttributes> = {
  name: 'blockwise',
  infer(inputs, { blocks, results, parameters }) {
    const { shape } = inputs[0]!;
    requireDtype(inputs, 'float32');
    inputs.forEach((type, i) => {
      requireShape(type, i < blocks ? shape : [], i < blocks ? 'a block' : 'a scalar');
    });
    const body = topologicalOrder(results);
    for (const { outputs, inputs: sources } of body) {
      const odd = outputs.find((type) => type.shape.length > 0 && !sameShape(type.shape, shape));
      if (odd) throw new RangeError(`the body is not elementwise: it makes ${formatShape(odd.shape)}`);
      if (sources.length === 0 && outputs[0]!.shape.length > 0 && !parameters.includes(outputs[0]!))
        throw new RangeError('the body reads a tensor that is not passed to it');
    }
    for (const result of results) requireShape(result, shape, 'a result');
    return results;
  },
  emit(writer, inputs, outputs, node) {
    const count = blockCount(node.inputs[0]!.shape, writer.options.blockElements);
    if (count > 1) emitScan(writer, inputs, outputs, node, count);
    else emitBody(writer, node.attributes, inputs, outputs);
  },
  gradient({ attributes, inputs }, outputGradients) {
    // Differentiates the body where the inputs stand, as independent values.
    const values = inputs.map(stopGradient);
    const results = substitute(attributes, values);
    const parts = results.flatMap((result, i) => {
      const dy = outputGradients[i];
      return dy ? [sum(mul(result, dy))] : [];
    });
    return parts.length === 0 ? [] : grad(parts.reduce(add), values);
  },
};

/**
 * Computes elementwise functions of several large tensors, one cache-sized block after the other: a chain of ten
 * operations then moves each tensor through memory once and not ten times.
 * @param tensors float32, all of one shape
 * @param scalars float32 scalars that the body reads
 * @param body elementwise primitives on stand-ins for the tensors and scalars; reads nothing else but constants
 * @returns the body's results, each of the tensors' shape
 * @example
 * const x = input('x', 'float32', [4, 1000]);
 * const [y] = blockwise([x], [scalar(2)], ([block], [factor]) => [mul(block!, factor!)]);
 */
export function blockwise(
  tensors: readonly Tensor[],
  scalars: readonly Tensor[],
  body: (tensors: readonly Tensor[], scalars: readonly Tensor[]) => readonly Tensor[],
): readonly Tensor[] {
  const standIn = ({ dtype, shape }: Tensor, i: number) => input(`parameter ${i}`, dtype, shape);
  const parameters = [...tensors, ...scalars].map(standIn);
  const results = body(parameters.slice(0, tensors.length), parameters.slice(tensors.length));
  return apply(blockwisePrimitive, [...tensors, ...scalars], {
    parameters,
    blocks: tensors.length,
    results,
  });
}
