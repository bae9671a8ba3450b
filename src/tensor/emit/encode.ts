import type { DType, NdArray } from '../ndarray.ts';
import { irVersionOf, type Opset } from '../onnx/opset.ts';
import { ATTRIBUTE_TYPE, ModelProto, ONNX_DTYPE } from '../onnx/proto.ts';
import type { OnnxAttribute, OnnxNode, Subgraph, SubgraphValue } from '../onnx/writer.ts';
import type { Tensor, TensorType } from '../tensor.ts';

/** A slice of a file next to the model. */
export interface ExternalData {
  /** Path relative to the model's folder. */
  readonly location: string;
  /** First byte. */
  readonly offset: number;
  /** Number of bytes. */
  readonly length: number;
}

export interface Initializer {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly source: NdArray | ExternalData;
}

interface ModelParts {
  readonly opset: Opset;
  /** Whether there are operators of ONNX Runtime's own set. */
  readonly contrib: boolean;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly (readonly [string, TensorType])[];
  readonly initializers: readonly Initializer[];
  readonly metadata: Readonly<Record<string, string>>;
}

function encodeAttribute(name: string, value: OnnxAttribute) {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: Buffer.from(value) };
  if ('float' in value) return { name, type: ATTRIBUTE_TYPE.float, f: value.float };
  if ('graph' in value) return { name, type: ATTRIBUTE_TYPE.graph, g: encodeSubgraph(name, value.graph) };
  return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
}

const encodeSubgraph = (name: string, { nodes, inputs, outputs }: Subgraph): object => ({
  name,
  node: nodes.map(encodeNode),
  input: inputs.map(encodeSubgraphValue),
  output: outputs.map(encodeSubgraphValue),
});

const encodeSubgraphValue = ({ name, dtype, rank }: SubgraphValue) => ({
  name,
  type: {
    tensor_type: { elem_type: ONNX_DTYPE[dtype], shape: { dim: Array.from({ length: rank }, () => ({})) } },
  },
});

const encodeNode = (node: OnnxNode, index: number) => ({
  input: node.inputs,
  output: node.outputs,
  name: `${node.opType}_${index}`,
  op_type: node.opType,
  domain: node.domain,
  attribute: Object.entries(node.attributes).map(([name, value]) => encodeAttribute(name, value)),
});

function encodeInitializer({ name, dtype, shape, source }: Initializer) {
  const common = { name, dims: shape, data_type: ONNX_DTYPE[dtype] };
  if ('location' in source) {
    const entries = {
      location: source.location,
      offset: String(source.offset),
      length: String(source.length),
    };
    const external = Object.entries(entries).map(([key, value]) => ({ key, value }));
    return { ...common, external_data: external, data_location: 1 };
  }
  const { buffer, byteOffset, byteLength } = source.data;
  return { ...common, raw_data: new Uint8Array(buffer, byteOffset, byteLength) };
}

const encodeValue = (name: string, { dtype, shape }: TensorType) => ({
  name,
  type: {
    tensor_type: {
      elem_type: ONNX_DTYPE[dtype],
      shape: { dim: shape.map((dim) => (typeof dim === 'number' ? { dim_value: dim } : { dim_param: dim })) },
    },
  },
});

/** Serialises a model as an ONNX protobuf. */
export function encodeModel(parts: ModelParts): Uint8Array {
  const message = {
    ir_version: irVersionOf(parts.opset),
    producer_name: 'siglip2',
    opset_import: [
      { domain: '', version: parts.opset },
      ...(parts.contrib ? [{ domain: 'com.microsoft', version: 1 }] : []),
    ],
    metadata_props: Object.entries(parts.metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name: 'siglip2',
      node: parts.nodes.map(encodeNode),
      initializer: parts.initializers.map(encodeInitializer),
      input: parts.inputs.map((tensor) => encodeValue(tensor.node.attributes['name'] as string, tensor)),
      output: parts.outputs.map(([name, tensor]) => encodeValue(name, tensor)),
    },
  };
  return new Uint8Array(ModelProto.encode(ModelProto.fromObject(message)).finish());
}
