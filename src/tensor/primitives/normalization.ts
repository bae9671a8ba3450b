import { staticDim } from '../shape.ts';
import { apply, applyOne, type Primitive, type Tensor } from '../tensor.ts';
import { lastDim, refuseSecondDerivative, requireDtype, requireShape } from './check.ts';
import { add, mul, sub } from './elementwise.ts';
import { sum } from './shapeOps.ts';
import { scalar } from './source.ts';

const softmaxPrimitive: Primitive<Record<string, never>> = {
  name: 'softmax',
  infer([x]) {
    requireDtype([x], 'float32');
    lastDim(x!);
    return [x!];
  },
  emit(writer, [x], [y]) {
    writer.op('Softmax', [x!], { axis: -1 }, y);
  },
  gradient: (node, [dy]) => [dy && softmaxGradient(node.outputs[0]!, dy)],
};

/** Softmax over the last axis. */
export const softmax = (x: Tensor): Tensor => applyOne(softmaxPrimitive, [x], {});

/** Gradient of softmax at probabilities p: p · (dp − Σ dp·p), reusing the forward pass's result. */
export function softmaxGradient(p: Tensor, dp: Tensor): Tensor {
  const weighted = mul(dp, p);
  return sub(weighted, mul(p, sum(weighted, [-1], true)));
}

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

/** Layer normalisation over the last axis: (x − mean)/√(variance + ε) · scale + bias. */
export const layerNorm = (x: Tensor, scale: Tensor, bias: Tensor, epsilon: number): Tensor =>
  apply(layerNormPrimitive, [x, scale, bias], { epsilon })[0]!;

/** tanh-GELU is x·σ(2u) with 2u = x·(LINEAR + CUBIC·x²): tanh and sigmoid are one function up to scale. */
const LINEAR = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = LINEAR * 0.044715;

const geluPrimitive: Primitive<Record<string, never>> = {
  name: 'gelu',
  infer([x]) {
    requireDtype([x], 'float32');
    return [x!, x!];
  },
  emit(writer, [x], [y, gate], node) {
    if (!gate) {
      // The fused kernel refuses scalars.
      if (writer.options.fused && node.inputs[0]!.shape.length > 0) writer.contrib('FastGelu', [x!], {}, y);
      else writer.op('Gelu', [x!], { approximate: 'tanh' }, y);
      return;
    }
    const cubic = writer.op('Mul', [writer.op('Mul', [x!, x!]), writer.scalar(CUBIC)]);
    const argument = writer.op('Mul', [x!, writer.op('Add', [cubic, writer.scalar(LINEAR)])]);
    writer.op('Sigmoid', [argument], {}, gate);
    if (y) writer.op('Mul', [x!, gate], {}, y);
  },
  gradient(node, [dy, ...extra]) {
    refuseSecondDerivative('gelu', extra);
    if (!dy) return [];
    const x = node.inputs[0]!;
    const [y, gate] = node.outputs as [Tensor, Tensor];
    // d/dx x·σ(2u) = σ + xσ(1−σ)·(2u)′, and xσ is y.
    const slope = add(mul(mul(x, x), scalar(3 * CUBIC)), scalar(LINEAR));
    return [mul(dy, add(gate, mul(sub(y, mul(y, gate)), slope)))];
  },
};

/** GELU, tanh approximation (Hugging Face `gelu_pytorch_tanh`, flax `nn.gelu`). */
export const gelu = (x: Tensor): Tensor => apply(geluPrimitive, [x], {})[0]!;
