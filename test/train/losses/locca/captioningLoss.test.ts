import { describe, expect, it } from 'vitest';
import { peakIntermediates } from '../../../../src/tensor/cost/memory.ts';
import {
  type Arrays,
  add,
  compile,
  float32,
  grad,
  input,
  int32,
  linear,
  logSumExp,
  mul,
  type NdArray,
  reshape,
  sizeOf,
  sub,
  sum,
  type Tensor,
} from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { averageByTask, vocabularyCrossEntropy } from '../../../../src/train/losses/locca/captioningLoss.ts';
import { relativeError } from '../../../support/fixtures.ts';

const [POSITIONS, WIDTH, VOCABULARY] = [11, 6, 37];

const declare = (positions = POSITIONS, width = WIDTH, vocabulary = VOCABULARY) => ({
  hidden: input('hidden', 'float32', [positions, width]),
  kernel: input('kernel', 'float32', [vocabulary, width]),
  bias: input('bias', 'float32', [vocabulary]),
  targets: input('targets', 'int32', [positions]),
});
type Inputs = ReturnType<typeof declare>;

/** Random values; the last position's target is the token of position 0, so that a row of the kernel repeats. */
function feeds(scale = 1): Record<keyof Inputs | 'weights', NdArray> {
  const draw = (name: string, shape: readonly number[]) => {
    const random = createRandom(3, name);
    return float32(
      shape,
      Array.from({ length: sizeOf(shape) }, () => random.normal() * scale),
    );
  };
  const random = createRandom(3, 'targets');
  const targets = Array.from({ length: POSITIONS }, () => random.int(VOCABULARY));
  targets[POSITIONS - 1] = targets[0]!;
  return {
    hidden: draw('hidden', [POSITIONS, WIDTH]),
    kernel: draw('kernel', [VOCABULARY, WIDTH]),
    bias: draw('bias', [VOCABULARY]),
    targets: int32([POSITIONS], targets),
    // Two positions that are not learnt.
    weights: float32(
      [POSITIONS],
      Array.from({ length: POSITIONS }, (_, i) => (i === 2 || i === 5 ? 0 : 0.1 + i / 10)),
    ),
  };
}

/** Value of every position and gradients of their weighted sum. */
async function evaluate(inputs: Inputs, losses: Tensor, values: Arrays) {
  const loss = sum(mul(losses, input('weights', 'float32', losses.shape)));
  const [hidden, kernel, bias] = grad(loss, [inputs.hidden, inputs.kernel, inputs.bias]);
  const outputs = { losses, dHidden: hidden!, dKernel: kernel!, dBias: bias! };
  const session = await compile({ outputs }, { threads: 1 });
  try {
    return await session.run(values);
  } finally {
    await session.dispose();
  }
}

/** The definition in doubles, with its gradients by hand. */
function reference(values: ReturnType<typeof feeds>) {
  const at = (array: NdArray, i: number) => Number(array.data[i]);
  const losses: number[] = [];
  const hidden = new Float64Array(POSITIONS * WIDTH);
  const kernel = new Float64Array(VOCABULARY * WIDTH);
  const bias = new Float64Array(VOCABULARY);
  for (let i = 0; i < POSITIONS; i++) {
    const logits = Array.from({ length: VOCABULARY }, (_, v) => {
      let logit = at(values.bias, v);
      for (let k = 0; k < WIDTH; k++)
        logit += at(values.hidden, i * WIDTH + k) * at(values.kernel, v * WIDTH + k);
      return logit;
    });
    const largest = Math.max(...logits);
    const normalizer = largest + Math.log(logits.reduce((total, l) => total + Math.exp(l - largest), 0));
    const target = at(values.targets, i);
    losses.push(normalizer - logits[target]!);
    logits.forEach((logit, v) => {
      const slope = at(values.weights, i) * (Math.exp(logit - normalizer) - (v === target ? 1 : 0));
      bias[v]! += slope;
      for (let k = 0; k < WIDTH; k++) {
        hidden[i * WIDTH + k]! += slope * at(values.kernel, v * WIDTH + k);
        kernel[v * WIDTH + k]! += slope * at(values.hidden, i * WIDTH + k);
      }
    });
  }
  return { losses, dHidden: [...hidden], dKernel: [...kernel], dBias: [...bias] };
}

/** The loss of all positions at once, differentiated by the engine. */
function unchunked({ hidden, kernel, bias }: Inputs): Tensor {
  const logits = linear(hidden, kernel, bias);
  const oneHot = input('oneHot', 'float32', logits.shape);
  return reshape(sub(logSumExp(logits), sum(mul(logits, oneHot), [-1], true)), [POSITIONS]);
}

describe('cross-entropy over the vocabulary', () => {
  // 1e-5: sums of a few dozen float32 terms; with logits of up to ±100 their rounding (1e-5 of a logit) is multiplied in
  // the exponential, so 1e-4 there.
  it.each([
    [undefined, 1, 1e-5],
    [1, 1, 1e-5],
    [4, 1, 1e-5],
    [11, 1, 1e-5],
    [4, 6, 1e-4],
  ])('in blocks of %s positions equals its definition (scale %i)', async (rows, scale, tolerance) => {
    const inputs = declare();
    const values = feeds(scale);
    const result = await evaluate(inputs, vocabularyCrossEntropy(inputs, rows), values);
    for (const [name, expected] of Object.entries(reference(values))) {
      const error = relativeError(result[name], float32([expected.length], expected));
      expect(error, name).toBeLessThan(tolerance);
    }
  });

  it('in blocks equals the form with all logits', async () => {
    const inputs = declare();
    const values = feeds();
    const oneHot = float32([POSITIONS, VOCABULARY], new Float32Array(POSITIONS * VOCABULARY));
    values.targets.data.forEach((target, i) => {
      oneHot.data[i * VOCABULARY + Number(target)] = 1;
    });
    const { targets: _, ...rest } = values;
    const whole = await evaluate(inputs, unchunked(inputs), { ...rest, oneHot });
    const blocks = await evaluate(inputs, vocabularyCrossEntropy(inputs, 3), values);
    for (const name of Object.keys(whole)) {
      expect(relativeError(blocks[name], whole[name]), name).toBeLessThan(1e-5);
    }
  });

  it('a zero kernel and bias give ln V', async () => {
    const inputs = declare();
    const { hidden, targets, weights } = feeds();
    const kernel = float32([VOCABULARY, WIDTH], new Float32Array(VOCABULARY * WIDTH));
    const bias = float32([VOCABULARY], new Float32Array(VOCABULARY));
    const values = { hidden, targets, weights, kernel, bias };
    const { losses } = await evaluate(inputs, vocabularyCrossEntropy(inputs), values);
    for (const loss of losses!.data) expect(Number(loss)).toBeCloseTo(Math.log(VOCABULARY), 5);
  });

  it('needs memory for few blocks, however many positions there are', () => {
    const [positions, width, vocabulary, rows] = [4096, 64, 16_384, 128];
    const inputs = declare(positions, width, vocabulary);
    const peak = (losses: Tensor) => {
      const wrt = [inputs.hidden, inputs.kernel, inputs.bias];
      return peakIntermediates([sum(losses), ...grad(sum(losses), wrt)]);
    };
    const block = rows * vocabulary * 4;
    const kernel = vocabulary * width * 4;
    const hidden = positions * width * 4;
    // Two blocks (logits and probabilities), gradients of the kernel that are being added up, and hidden-sized arrays.
    expect(peak(vocabularyCrossEntropy(inputs, rows))).toBeLessThan(2 * block + 4 * kernel + 6 * hidden);
    // All logits would be 32 blocks.
    expect(positions * vocabulary * 4).toBe(32 * block);
    expect(peak(vocabularyCrossEntropy(inputs, positions))).toBeGreaterThan(32 * block);
  });

  it('refuses what does not fit', () => {
    const inputs = declare();
    const targets = input('other', 'int32', [3]);
    expect(() => vocabularyCrossEntropy({ ...inputs, targets })).toThrow(/there are 11 hidden states/);
    expect(() => vocabularyCrossEntropy(inputs, 0)).toThrow(/rows is 0/);
  });
});

describe('the average of a task', () => {
  const losses = [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
    [
      [7, 8, 9],
      [10, 11, 12],
    ],
  ];
  const weights = [
    [
      [1, 1, 0],
      [0, 0, 0],
    ],
    [
      [1, 0, 0],
      [0, 0, 0],
    ],
  ];

  it.each([
    // (1 + 2 + 7)/3, against the mean of 1.5 and 7. The second task has no tokens.
    ['tokens', 10 / 3],
    ['texts', 4.25],
  ] as const)('over %s', async (average, expected) => {
    const x = input('losses', 'float32', [2, 2, 3]);
    const w = input('weights', 'float32', [2, 2, 3]);
    const means = averageByTask(x, w, average);
    const outputs = { means, slope: grad(sum(add(means, means)), [x])[0]! };
    const session = await compile({ outputs });
    const values = {
      losses: float32([2, 2, 3], losses.flat(2)),
      weights: float32([2, 2, 3], weights.flat(2)),
    };
    const result = await session.run(values);
    await session.dispose();
    expect(Number(result['means']!.data[0])).toBeCloseTo(expected, 5);
    expect(Number(result['means']!.data[1])).toBe(0);
    expect([...result['slope']!.data].every((value) => Number.isFinite(Number(value)))).toBe(true);
  });
});
