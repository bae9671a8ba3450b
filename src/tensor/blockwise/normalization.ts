import type { OnnxWriter } from '../onnx/writer.ts';
import { lastDim, refuseSecondDerivative, requireDtype, requireShape } from '../primitives/check.ts';
import { add, fastSigmoid, mul, sub } from '../primitives/elementwise.ts';
import { sum } from '../primitives/reduce.ts';
import { scalar } from '../primitives/source.ts';
import { staticDim } from '../shape.ts';
import { apply, applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { blockwise } from './blockwise.ts';

const softmaxPrimitive: Primitive<Record<string, never>> = {
  name: 'softmax',
  storage: 'reused',
  infer([x]) {
    requireDtype([x], 'float32');
    lastDim(x!);
    return [x!];
  },
  emit(writer, [x], [y]) {
    writer.op('Softmax', [x!], { axis: -1 }, y);
  },
  gradient(node, [dy]) {
    if (!dy) return [];
    // p∘(dy − Σ dy∘p)
    const p = node.outputs[0]!;
    const weighted = mul(dy, p);
    return [sub(weighted, mul(p, sum(weighted, [-1], true)))];
  },
};

/**
 * Softmax over the last axis.
 * @example
 * const shares = softmax(input('logits', 'float32', ['n', 4]));
 */
export const softmax = (x: Tensor): Tensor => applyOne(softmaxPrimitive, [x], {});

const logSumExpPrimitive: Primitive<Record<string, never>> = {
  name: 'logSumExp',
  infer([x]) {
    requireDtype([x], 'float32');
    lastDim(x!);
    return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), 1] }];
  },
  emit(writer, [x], [y]) {
    // The largest probability is e^(max − result): exact, at least 1/size, and only vectorised kernels
    // (the runtime's ReduceLogSumExp calls exp element by element). A softmax of x beside it is shared.
    const largest = (name: string) =>
      writer.options.opset < 18
        ? writer.op('ReduceMax', [name], { keepdims: 1, axes: [-1] })
        : writer.op('ReduceMax', [name, writer.ints([-1])], { keepdims: 1 });
    const probability = largest(writer.op('Softmax', [x!], { axis: -1 }));
    writer.op('Sub', [largest(x!), writer.op('Log', [probability])], {}, y);
  },
  gradient: (node, [dy]) => [dy && mul(softmax(node.inputs[0]!), dy)],
};

/**
 * ln Σ eˣ over the last axis, which stays as an axis of size 1: [..., K] → [..., 1].
 * @example
 * const y = logSumExp(input('x', 'float32', ['n', 4]));
 */
export const logSumExp = (x: Tensor): Tensor => applyOne(logSumExpPrimitive, [x], {});

interface LayerNormAttributes {
  readonly [key: string]: unknown;
  readonly epsilon: number;
}

const layerNormPrimitive: Primitive<LayerNormAttributes> = {
  name: 'layerNorm',
  infer([x, scale, bias]) {
    requireDtype([x, scale, bias], 'float32');
    const size = lastDim(x!);
    requireShape(scale!, [size], 'scale');
    requireShape(bias!, [size], 'bias');
    const statistics = { dtype: x!.dtype, shape: [...x!.shape.slice(0, -1), 1] };
    return [x!, statistics, statistics];
  },
  emit(writer, inputs, [y, mean, inverse], node) {
    const extra = mean || inverse ? [mean ?? '', inverse ?? ''] : [];
    const attributes = { axis: -1, epsilon: { float: node.attributes.epsilon } };
    writer.multi('LayerNormalization', inputs, [y ?? writer.freshName('unused'), ...extra], attributes);
  },
  gradient(node, [dy, ...extra]) {
    refuseSecondDerivative('layerNorm', extra);
    if (!dy) return [];
    const [x, scale] = node.inputs;
    const [, mean, inverse] = node.outputs;
    const size = staticDim(x!.shape.at(-1), 'the normalised axis');
    const normalized = mul(sub(x!, mean!), inverse!);
    const dNormalized = mul(dy, scale!);
    const average = (t: Tensor) => mul(sum(t, [-1], true), scalar(1 / size));
    const centred = sub(dNormalized, average(dNormalized));
    const projected = mul(normalized, average(mul(dNormalized, normalized)));
    const rows = dy.shape.slice(0, -1).map((_, i) => i);
    return [mul(sub(centred, projected), inverse!), sum(mul(dy, normalized), rows), sum(dy, rows)];
  },
};

/**
 * Layer normalisation over the last axis: (x − mean)/√(variance + ε) · scale + bias.
 * @example
 * const y = layerNorm(
 *   input('x', 'float32', ['n', 4]),
 *   input('scale', 'float32', [4]),
 *   input('bias', 'float32', [4]),
 *   1e-6,
 * );
 */
export const layerNorm = (x: Tensor, scale: Tensor, bias: Tensor, epsilon: number): Tensor =>
  apply(layerNormPrimitive, [x, scale, bias], { epsilon })[0]!;

/** tanh-GELU is x·σ(2u) with 2u = x·(LINEAR + CUBIC·x²): tanh and sigmoid are one function up to scale. */
const LINEAR = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = LINEAR * 0.044715;

/**
 * x·½·(1 + tanh(x·√(2/π)·(1 + 0.044715·x·x))), with its operators in the order by which ONNX Runtime knows the formula and
 * puts its fused kernel in their place.
 */
function emitPlainGelu(writer: OnnxWriter, x: string, y: string | undefined): void {
  const mul = (a: string, b: string, output?: string) => writer.op('Mul', [a, b], {}, output);
  const one = writer.scalar(1);
  const cubic = writer.op('Add', [mul(mul(x, writer.scalar(0.044715)), x), one]);
  const inner = mul(mul(x, writer.scalar(LINEAR / 2)), cubic);
  const share = writer.op('Add', [writer.op('Tanh', [inner]), one]);
  mul(mul(x, writer.scalar(0.5)), share, y);
}

const geluPrimitive: Primitive<Record<string, never>> = {
  name: 'gelu',
  infer([x]) {
    requireDtype([x], 'float32');
    return [x!];
  },
  emit(writer, [x], [y], node) {
    if (writer.options.opset < 20 && !writer.options.fused) emitPlainGelu(writer, x!, y);
    else if (node.inputs[0]!.shape.length === 0) {
      // The fused kernel refuses scalars, and so does CUDA's.
      const one = writer.op('Gelu', [writer.op('Reshape', [x!, writer.ints([1])])], { approximate: 'tanh' });
      writer.op('Reshape', [one, writer.ints([])], {}, y);
    } else if (writer.options.fused) writer.contrib('FastGelu', [x!], {}, y);
    else writer.op('Gelu', [x!], { approximate: 'tanh' }, y);
  },
  gradient: (node, [dy]) => [
    dy && blockwise([node.inputs[0]!, dy], [], ([x, d]) => [geluGradient(x!, d!)])[0],
  ],
};

/** d/dx x·σ(z) = σ + σ(1−σ)·x·z′ with z = x·(LINEAR + CUBIC·x²); recomputed from x, so nothing else is kept. */
function geluGradient(x: Tensor, dy: Tensor): Tensor {
  const square = mul(x, x);
  const polynomial = (cubic: number) => mul(x, add(mul(square, scalar(cubic)), scalar(LINEAR)));
  const sigma = fastSigmoid(polynomial(CUBIC));
  const slope = mul(mul(polynomial(3 * CUBIC), sigma), sub(scalar(1), sigma));
  return mul(dy, add(sigma, slope));
}

/**
 * GELU, tanh approximation (Hugging Face `gelu_pytorch_tanh`, flax `nn.gelu`).
 * @example
 * const y = gelu(input('x', 'float32', ['n', 4]));
 */
export const gelu = (x: Tensor): Tensor => applyOne(geluPrimitive, [x], {});
