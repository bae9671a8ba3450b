import { byteWidth, type NdArray, sizeOf } from '../ndarray.ts';
import { DEFAULT_OPTIONS, type EmitOptions, type OnnxNode, OnnxWriter } from '../onnx/writer.ts';
import { emitNodes, isConstant, isInput } from '../primitives/emitNodes.ts';
import { formatShape, sameShape, staticShape } from '../shape.ts';
import type { Node, Tensor } from '../tensor.ts';
import { topologicalOrder } from '../tensor.ts';
import { type ExternalData, encodeModel, type Initializer } from './encode.ts';

/** Where a weight's numbers are: in memory, or in a file that the runtime maps (little-endian, row-major). */
export type WeightSource = NdArray | ExternalData;

export interface EmitRequest {
  /** Outputs by the name they get in the model. */
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Inputs that become weights of the model instead of inputs. */
  readonly weights?: ReadonlyMap<string, WeightSource>;
  readonly options?: Partial<EmitOptions>;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes a graph as an ONNX model.
 * @throws Error when two different inputs share a name, an output has the name of an input, or a weight has
 * another dtype or shape than its input.
 * @example
 * const bytes = emitOnnx({ outputs: { y: gelu(input('x', 'float32', ['n'])) } });
 */
export const emitOnnx = (request: EmitRequest): Uint8Array =>
  emitModel({ ...request, options: { ...request.options, stackedOutputs: false } }).model;

export interface EmittedModel {
  readonly model: Uint8Array;
  /** Those outputs that are declared with another shape than their tensor's. */
  readonly stacked: ReadonlyMap<string, readonly number[]>;
  /** The weights that the model has: those of the request that it reads. A session knows no others. */
  readonly weights: ReadonlySet<string>;
}

/** As {@link emitOnnx}, for a caller that hands stacked outputs on in their own shapes. */
export function emitModel(request: EmitRequest): EmittedModel {
  const outputs = Object.entries(request.outputs);
  const tensors = outputs.map(([, tensor]) => tensor);
  const order = topologicalOrder(tensors);
  const options = { ...DEFAULT_OPTIONS, ...request.options };
  const writer = new OnnxWriter(options, inputNames(order, outputs), new Set(Object.keys(request.outputs)));
  const names = new Map<Tensor, string>();
  for (const [name, tensor] of outputs) {
    if (!names.has(tensor) && !isInput(tensor.node) && !isConstant(tensor.node)) names.set(tensor, name);
  }

  const inputs: Tensor[] = [];
  const initializers: Initializer[] = [];
  const seen = new Map<string, Node>();
  for (const node of order) {
    if (isInput(node)) declareInput(node, request.weights, seen, names, inputs, initializers);
  }
  emitNodes(order, tensors, names, writer);
  for (const [name, tensor] of outputs) {
    // An output that is an input, a constant or a second name of another output costs one copy.
    if (names.get(tensor) !== name) writer.op('Identity', [writer.whole(names.get(tensor)!)], {}, name);
  }
  for (const { name, array } of writer.constants.values())
    initializers.push({ name, dtype: array.dtype, shape: array.shape, source: array });
  const stacked = new Map([...writer.stacked].map(([name, { shape }]) => [name, shape] as const));
  const { nodes, read } = readNodes(writer.nodes, new Set(Object.keys(request.outputs)));
  const kept = initializers.filter(({ name }) => read.has(name));
  const model = encodeModel({
    opset: options.opset,
    contrib: options.fused,
    nodes,
    inputs,
    outputs: outputs.map(([name, { dtype, shape }]) => [name, { dtype, shape: stacked.get(name) ?? shape }]),
    initializers: kept,
    metadata: request.metadata ?? {},
  });
  const weights = kept.map(({ name }) => name).filter((name) => request.weights?.has(name));
  return { model, stacked, weights: new Set(weights) };
}

/** Everything that a node reads, bodies included. */
const reads = ({ inputs, attributes }: OnnxNode): string[] => [
  ...inputs,
  ...Object.values(attributes).flatMap((value) =>
    typeof value === 'object' && 'graph' in value ? value.graph.nodes.flatMap(reads) : [],
  ),
];

/** The nodes that the outputs need, and all that these read: a fused kernel may have made others superfluous. */
function readNodes(
  nodes: readonly OnnxNode[],
  outputs: ReadonlySet<string>,
): { nodes: OnnxNode[]; read: ReadonlySet<string> } {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of reads(node)) needed.add(name);
    return true;
  });
  return { nodes: kept.toReversed(), read: needed };
}

/** Names of inputs, which must not meet those of outputs. */
function inputNames(order: readonly Node[], outputs: readonly (readonly [string, Tensor])[]): Set<string> {
  const names = new Set(order.filter(isInput).map((node) => node.attributes['name'] as string));
  for (const [name] of outputs) {
    if (names.has(name)) throw new Error(`output ${name} has the name of an input: rename one of them`);
  }
  return names;
}

/** @throws Error when a weight does not fit its input; files are checked by size. */
function checkWeight(name: string, { dtype, shape }: Tensor, source: WeightSource): void {
  const expected = `input ${name} is ${dtype}${formatShape(shape)}`;
  if ('location' in source) {
    const bytes = byteWidth(dtype) * sizeOf(staticShape(shape));
    if (source.length !== bytes)
      throw new Error(`${expected}, ${bytes} bytes, but its weight has ${source.length}`);
  } else if (source.dtype !== dtype || !sameShape(source.shape, shape)) {
    throw new Error(`${expected}, but its weight is ${source.dtype}${formatShape(source.shape)}`);
  }
}

function declareInput(
  node: Node,
  weights: ReadonlyMap<string, WeightSource> | undefined,
  seen: Map<string, Node>,
  names: Map<Tensor, string>,
  inputs: Tensor[],
  initializers: Initializer[],
): void {
  const tensor = node.outputs[0]!;
  const name = node.attributes['name'] as string;
  const other = seen.get(name);
  if (other && other !== node) throw new Error(`two inputs are named ${name}`);
  seen.set(name, node);
  names.set(tensor, name);
  const source = weights?.get(name);
  if (source) {
    checkWeight(name, tensor, source);
    initializers.push({ name, dtype: tensor.dtype, shape: staticShape(tensor.shape), source });
  } else inputs.push(tensor);
}
