import { reshapeTarget } from '../onnx/reshapeTarget.ts';
import type { OnnxWriter } from '../onnx/writer.ts';
import { type Dim, formatShape, sameShape, staticDim, staticShape } from '../shape.ts';
import { apply, type Node, type Primitive, type Tensor } from '../tensor.ts';
import { refuseSecondDerivative, requireDtype, requireShape } from './check.ts';
import { mul, sub } from './elementwise.ts';
import { matmul } from './matmul.ts';
import { sum, sumTo } from './reduce.ts';
import { reshape, transpose } from './reshape.ts';

interface AttentionAttributes {
  readonly [key: string]: unknown;
  readonly heads: number;
  /** Whether a fourth input, the additive mask, is present. */
  readonly masked: boolean;
}

const scaleOf = (node: Node<AttentionAttributes>): number =>
  1 / Math.sqrt(staticDim(node.inputs[0]!.shape[2]) / node.attributes.heads);

/** The fused kernel takes [1 or B, 1 or heads, T, S]: size-1 rows and columns must be repeated for it. */
function maskTarget({
  inputs,
  outputs,
}: Pick<Node<AttentionAttributes>, 'inputs' | 'outputs'>): readonly [Dim, Dim] | undefined {
  const mask = inputs[3]?.shape.slice(2);
  const [length, keys] = outputs[1]!.shape.slice(2) as [Dim, Dim];
  return !mask || sameShape(mask, [length, keys]) ? undefined : [length, keys];
}

/**
 * A mask as large as the kernel takes it. Lengths that are known only when the graph runs are asked of the mask where it
 * has them: every block of a tower then asks the same, and the runtime does it once.
 */
function fullMask(
  writer: OnnxWriter,
  [q, k, , mask]: readonly string[],
  { inputs, outputs }: Node<AttentionAttributes>,
): string {
  const target = maskTarget({ inputs, outputs });
  if (!target) return mask!;
  const from: readonly (readonly [string, number, Dim])[] = [
    ...inputs[3]!.shape.map((dim, axis) => [mask!, axis, dim] as const),
    [q!, 1, target[0]],
    [k!, 1, target[1]],
  ];
  const lengths = target.map((wanted) => {
    if (typeof wanted === 'number') return writer.ints([wanted]);
    const [name, axis] = from.find(([, , dim]) => dim === wanted)!;
    return writer.op('Shape', [name], { start: axis, end: axis + 1 });
  });
  const known = target.every((dim) => typeof dim === 'number');
  const shape = known
    ? writer.ints([1, 1, ...staticShape(target)])
    : writer.op('Concat', [writer.ints([1, 1]), ...lengths], { axis: 0 });
  return writer.op('Expand', [mask!, shape]);
}

/** q, k, v and their biases: the kernel adds those of projections while it reorders q, k and v by heads. */
function withBiases(writer: OnnxWriter, inputs: readonly string[]): string[] {
  const sums = inputs.flatMap((name) => writer.biased.get(name) ?? []);
  if (sums.length < inputs.length) return [...inputs, ''];
  const biases = sums.map(({ bias }) => bias);
  return [...sums.map(({ product }) => product), writer.op('Concat', biases, { axis: 0 })];
}

function emitFused(
  writer: OnnxWriter,
  inputs: readonly string[],
  y: string,
  node: Node<AttentionAttributes>,
) {
  const [q, k, v, mask] = inputs;
  const attributes = { num_heads: node.attributes.heads, scale: { float: scaleOf(node) } };
  const operands = withBiases(writer, [q!, k!, v!]);
  const bias = mask ? ['', fullMask(writer, inputs, node)] : [];
  writer.contrib('MultiHeadAttention', [...operands, ...bias], attributes, y);
}

function emitPlain(
  writer: OnnxWriter,
  [q, k, v, mask]: readonly string[],
  y: string | undefined,
  probabilities: string | undefined,
  node: Node<AttentionAttributes>,
) {
  const { heads } = node.attributes;
  const split = (x: string, i: number, perm: readonly number[]) => {
    const from = node.inputs[i]!.shape;
    const [batch, length, width] = from;
    const shape = reshapeTarget(from, [batch!, length!, heads, staticDim(width) / heads]);
    return writer.op('Transpose', [writer.op('Reshape', [x, writer.ints(shape)])], { perm });
  };
  let scores: string;
  if (writer.options.fused) {
    // The gradient splits q and k in the same way: the runtime shares the result.
    const operands = [split(q!, 0, [0, 2, 1, 3]), split(k!, 1, [0, 2, 1, 3])];
    scores = writer.contrib('FusedMatMul', operands, { transB: 1, alpha: { float: scaleOf(node) } });
  } else {
    const query = writer.op('Mul', [q!, writer.scalar(scaleOf(node))]);
    scores = writer.op('MatMul', [split(query, 0, [0, 2, 1, 3]), split(k!, 1, [0, 2, 3, 1])]);
  }
  if (mask) scores = writer.op('Add', [scores, mask]);
  const p = writer.op('Softmax', [scores], { axis: -1 }, probabilities);
  if (!y) return;
  const context = writer.op('MatMul', [p, split(v!, 2, [0, 2, 1, 3])]);
  const merged = writer.op('Transpose', [context], { perm: [0, 2, 1, 3] });
  const { shape } = node.outputs[0]!;
  const from = [shape[0]!, shape[1]!, heads, staticDim(shape[2]) / heads];
  writer.op('Reshape', [merged, writer.ints(reshapeTarget(from, shape))], {}, y);
}

const attentionPrimitive: Primitive<AttentionAttributes> = {
  name: 'attention',
  infer([q, k, v, mask], { heads }) {
    requireDtype([q, k, v, mask], 'float32');
    const [batch, length, width] = q!.shape;
    const keys = k!.shape[1];
    if (q!.shape.length !== 3 || k!.shape.length !== 3)
      throw new RangeError('needs q [B, T, d], k and v [B, S, d]');
    requireShape(k!, [batch!, keys!, width!], 'k');
    requireShape(v!, k!.shape, 'v');
    if (staticDim(width) % heads !== 0)
      throw new RangeError(`width ${width} is no multiple of ${heads} heads`);
    const scores = [batch!, heads, length!, keys!];
    if (mask && (mask.shape.length !== 4 || mask.shape.some((dim, i) => dim !== 1 && dim !== scores[i]))) {
      throw new RangeError(`mask must broadcast to ${formatShape(scores)}, got ${formatShape(mask.shape)}`);
    }
    return [q!, { dtype: q!.dtype, shape: scores }];
  },
  emit(writer, inputs, [y, probabilities], node) {
    if (writer.options.fused && !probabilities) emitFused(writer, inputs, y!, node);
    else emitPlain(writer, inputs, y, probabilities, node);
  },
  gradient(node, [dy, ...extra]) {
    refuseSecondDerivative('attention', extra);
    if (!dy) return [];
    const [q, k, v, mask] = node.inputs as [Tensor, Tensor, Tensor, Tensor?];
    const { heads } = node.attributes;
    const split = (x: Tensor) => {
      const [batch, length, width] = x.shape;
      return transpose(reshape(x, [batch!, length!, heads, staticDim(width) / heads]), [0, 2, 1, 3]);
    };
    const merge = (x: Tensor, like: Tensor) => reshape(transpose(x, [0, 2, 1, 3]), like.shape);
    const [y, p] = node.outputs as [Tensor, Tensor];
    const dContext = split(dy);
    // Softmax's gradient is p∘(dp − Σ dp∘p). With dp = dContext·vᵀ and context = p·v that sum is Σ dContext∘context:
    // as many numbers as the context has, not as the scores have.
    const [batch, length] = q.shape;
    const size = staticDim(q.shape[2]) / heads;
    const perHead = sum(reshape(mul(dy, y), [batch!, length!, heads, size]), [-1], true);
    const dp = matmul(dContext, split(v), { transB: true });
    const dScores = mul(p, sub(dp, transpose(perHead, [0, 2, 1, 3])));
    const alpha = scaleOf(node);
    return [
      merge(matmul(dScores, split(k), { alpha }), q),
      merge(matmul(dScores, split(q), { transA: true, alpha }), k),
      merge(matmul(p, dContext, { transA: true }), v),
      mask && sumTo(dScores, mask.shape),
    ];
  },
};

/**
 * Multi-head scaled dot-product attention, softmax(q·kᵀ/√(d/heads) + mask)·v per head.
 * q: [B, T, d]; k, v: [B, S, d]; mask: additive float32 that broadcasts to [B, heads, T, S]
 * (use a large negative finite number, not −∞: fully masked rows then stay finite). Returns [B, T, d].
 * @example
 * const [q, k, v] = ['q', 'k', 'v'].map((name) => input(name, 'float32', ['n', 8, 64])) as [Tensor, Tensor, Tensor];
 * const y = attention(q, k, v, 4);
 */
export const attention = (q: Tensor, k: Tensor, v: Tensor, heads: number, mask?: Tensor): Tensor =>
  apply(attentionPrimitive, mask ? [q, k, v, mask] : [q, k, v], { heads, masked: mask !== undefined })[0]!;
