import { type DType, type NdArray, ndarray, sizeOf } from '../ndarray.ts';
import { NEWEST_OPSET, type Opset } from './opset.ts';
import { ONNX_DTYPE } from './proto.ts';

/** A number is an int attribute, a list is ints; floats and graphs say so. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly graph: Subgraph };

/** A value at the border of a subgraph; only the number of its axes is declared. */
export interface SubgraphValue {
  readonly name: string;
  readonly dtype: DType;
  readonly rank: number;
}

/** The body of a control-flow node. It reads constants and other values of the graph around it by name. */
export interface Subgraph {
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly SubgraphValue[];
  readonly outputs: readonly SubgraphValue[];
}

export interface OnnxNode {
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/**
 * How graphs are written for one target.
 * `fused`: use the runtime's fused kernels (tested equal to the plain forms).
 * Graphs without them consist of standard operators.
 * `blockElements`: elements per block of a blockwise computation, 0 for all at once. For processors with caches.
 * `cpuForms`: write products as the CPU computes them fastest: a linear layer's bias after the product and not as part
 * of it, and no transposed left operands.
 * `stackedOutputs`: outputs that are computed in blocks have the shape [blocks, elements] and not their own. The bytes
 * are the same, but a reshape into a buffer of the caller's is a copy. The caller has to know: see `emitModel`.
 * `opset`: the standard operator set; operators that are younger than it are written out in older ones.
 */
export interface EmitOptions {
  readonly fused: boolean;
  readonly blockElements: number;
  readonly cpuForms: boolean;
  readonly stackedOutputs: boolean;
  readonly opset: Opset;
}

export const DEFAULT_OPTIONS: EmitOptions = {
  fused: true,
  blockElements: 0,
  cpuForms: false,
  stackedOutputs: false,
  opset: NEWEST_OPSET,
};

/** Collects ONNX nodes and shared constants; primitives write themselves through it. */
export class OnnxWriter {
  readonly nodes: OnnxNode[] = [];
  readonly constants = new Map<string, { name: string; array: NdArray }>();
  /** Sums of a product and a bias, by their names: a kernel that adds biases itself reads the parts instead. */
  readonly biased = new Map<string, { readonly product: string; readonly bias: string }>();
  /** Outputs of the graph that stay stacked: how they are declared, and the value in its own shape for who reads it. */
  readonly stacked = new Map<string, { readonly shape: readonly number[]; readonly whole: string }>();
  readonly options: EmitOptions;
  readonly #outputs: ReadonlySet<string>;
  readonly #reserved: ReadonlySet<string>;
  #nextName = 0;

  /** The names of the graph's own inputs and outputs are taken. */
  constructor(
    options: EmitOptions,
    inputs: ReadonlySet<string> = new Set(),
    outputs: ReadonlySet<string> = new Set(),
  ) {
    this.options = options;
    this.#outputs = outputs;
    this.#reserved = new Set([...inputs, ...outputs]);
  }

  /** Whether a value may be left stacked. */
  canStack(name: string): boolean {
    return this.options.stackedOutputs && this.#outputs.has(name);
  }

  /** The value of that name in its own shape. */
  whole(name: string): string {
    return this.stacked.get(name)?.whole ?? name;
  }

  freshName(hint: string): string {
    const name = `${hint}_${this.#nextName++}`;
    return this.#reserved.has(name) ? this.freshName(hint) : name;
  }

  /** Adds a node with one output and returns that output's name.  */
  op(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output: string = this.freshName(opType),
    domain = '',
  ): string {
    this.nodes.push({ opType, domain, inputs, outputs: [output], attributes });
    return output;
  }

  /** Adds a node with several outputs; an empty name leaves an optional output out. */
  multi(
    opType: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    domain = '',
  ): void {
    this.nodes.push({ opType, domain, inputs, outputs, attributes });
  }

  /** The nodes that `write` adds, taken out again: the body of a subgraph. */
  capture(write: () => void): OnnxNode[] {
    const start = this.nodes.length;
    write();
    return this.nodes.splice(start);
  }

  /** A node of ONNX Runtime's own operator set. */
  contrib(
    opType: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
    output?: string,
  ): string {
    return this.op(opType, inputs, attributes, output, 'com.microsoft');
  }

  /** A constant; equal constants share one initializer. */
  constant(array: NdArray): string {
    const bytes = Buffer.from(array.data.buffer, array.data.byteOffset, array.data.byteLength);
    const key = `${array.dtype}[${array.shape.join()}]${bytes.toString('base64')}`;
    const known = this.constants.get(key);
    if (known) return known.name;
    const name = this.freshName('const');
    this.constants.set(key, { name, array });
    return name;
  }

  cast(x: string, dtype: DType, output?: string): string {
    return this.op('Cast', [x], { to: ONNX_DTYPE[dtype] }, output);
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.constant(filled(dtype, [], value));
  }

  /** An int64 vector: shapes, axes, indices. */
  ints(values: readonly number[]): string {
    return this.constant(ndarray('int64', [values.length], BigInt64Array.from(values, BigInt)));
  }
}

/** An array whose elements all have one value. */
export function filled(dtype: DType, shape: readonly number[], value: number): NdArray {
  const size = sizeOf(shape);
  switch (dtype) {
    case 'float32':
      return ndarray(dtype, shape, new Float32Array(size).fill(value));
    case 'int32':
      return ndarray(dtype, shape, new Int32Array(size).fill(value));
    case 'int64':
      return ndarray(dtype, shape, new BigInt64Array(size).fill(BigInt(value)));
    case 'bool':
    case 'uint8':
      return ndarray(dtype, shape, new Uint8Array(size).fill(value));
    default:
      throw new TypeError(`no constants of ${dtype} (ONNX type ${ONNX_DTYPE[dtype]})`);
  }
}
