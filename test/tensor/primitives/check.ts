import {
  cast,
  compile,
  float32,
  grad,
  input,
  mul,
  type NdArray,
  sum,
  type Tensor,
} from '../../../src/tensor/index.ts';
import type { EmitOptions } from '../../../src/tensor/onnx/writer.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { sizeOf } from '../../support/reference/array.ts';
import { differences } from './differences.ts';
import { type Example, type PrimitiveCase, toNdArray } from './example.ts';

/**
 * float32 against doubles: a few dozen operations of values around 1 lose at most ~30 units of 6e-8 of the
 * largest intermediate value, which the operand ranges keep within ~10 of the largest result (or of 1).
 */
const TOLERANCE = 2e-5;

/** One graph per batch of examples; compiling is slower than running. */
interface Batch {
  readonly outputs: Record<string, Tensor>;
  readonly feeds: Record<string, NdArray>;
  /** Expected numbers and, for values, the shape. */
  readonly expected: Map<string, { data: Float64Array; shape: readonly number[] }>;
}

function declare({ operands }: Example, e: number, { feeds }: Batch): Tensor[] {
  return operands.map((operand, i) => {
    feeds[`x${e}.${i}`] = toNdArray(operand);
    return input(`x${e}.${i}`, operand.dtype, operand.shape);
  });
}

function addGradients(
  batch: Batch,
  e: number,
  example: Example,
  tensors: readonly Tensor[],
  y: Tensor,
  kind: PrimitiveCase['gradient'],
): void {
  const shape = y.shape as readonly number[];
  const random = createRandom(e, 'cotangent');
  const weights = Float64Array.from({ length: sizeOf(shape) }, () => Math.fround(random.uniform(-1, 1)));
  batch.feeds[`w${e}`] = float32(shape, weights);
  const loss = sum(mul(cast(y, 'float32'), input(`w${e}`, 'float32', shape)));
  const floats = example.operands.flatMap(({ dtype }, i) => (dtype === 'float32' ? [i] : []));
  const gradients = grad(
    loss,
    floats.map((i) => tensors[i]!),
  );
  floats.forEach((i, j) => {
    const name = `gradient${e}.${i}`;
    const { data, shape: dims } = example.operands[i]!;
    batch.outputs[name] = gradients[j]!;
    const expected = kind === 'zero' ? new Float64Array(data.length) : differences(example, i, weights);
    batch.expected.set(name, { data: expected, shape: dims });
  });
}

function compare(
  name: string,
  actual: NdArray,
  expected: { data: Float64Array; shape: readonly number[] },
): void {
  if (actual.shape.join() !== expected.shape.join()) {
    throw new Error(`${name} has shape [${actual.shape}], the reference [${expected.shape}]`);
  }
  const scale = expected.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  expected.data.forEach((value, i) => {
    const difference = Math.abs(Number(actual.data[i]) - value);
    // Written so that NaN fails.
    if (!(difference <= TOLERANCE * scale)) {
      throw new Error(`${name}: element ${i} is ${actual.data[i]}, the reference ${value}`);
    }
  });
}

/**
 * Compiles and runs examples in one graph and compares every value (and gradient) with the reference.
 * @throws Error naming the first element that differs.
 */
export async function checkExamples(
  examples: readonly Example[],
  kind: PrimitiveCase['gradient'] | 'values',
  options: Partial<EmitOptions>,
): Promise<void> {
  const batch: Batch = { outputs: {}, feeds: {}, expected: new Map() };
  examples.forEach((example, e) => {
    const tensors = declare(example, e, batch);
    const y = example.apply(tensors);
    batch.outputs[`y${e}`] = y;
    batch.expected.set(`y${e}`, example.reference(example.operands));
    if (kind !== 'values') addGradients(batch, e, example, tensors, y, kind);
  });
  const session = await compile({ outputs: batch.outputs, options }, { threads: 1 });
  try {
    const used = new Set(session.inputs.map(({ name }) => name));
    const feeds = Object.fromEntries(Object.entries(batch.feeds).filter(([name]) => used.has(name)));
    const results = await session.run(feeds);
    for (const [name, expected] of batch.expected) compare(name, results[name]!, expected);
  } finally {
    await session.dispose();
  }
}
