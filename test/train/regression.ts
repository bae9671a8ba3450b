import { normal, type ParameterTable } from '../../src/nn/parameters.ts';
import {
  type Arrays,
  add,
  float32,
  input,
  matmul,
  mul,
  scalar,
  sub,
  sumSquares,
} from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import type { Carried, Objective } from '../../src/train/losses/objective.ts';
import type { Training } from '../../src/train/run/training.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';

export const ROWS = 4;
export const MOMENTUM = 0.9;
export const FIRST = 'fc1.weight';
export const SECOND = 'head.weight';

/**
 * Least squares through two linear layers, drawn to a teacher: an exponential moving average of the second layer. Its
 * gradient depends on the teacher, so a teacher that is not handed on shows in the parameters too.
 */
export function regression(): Objective {
  const first = input(FIRST, 'float32', [3, 4]);
  const second = input(SECOND, 'float32', [4, 2]);
  const teacher = input(`teacher.${SECOND}`, 'float32', [4, 2]);
  const seen = input('seen', 'float32', []);
  const inputs = { x: input('x', 'float32', [ROWS, 3]), y: input('y', 'float32', [ROWS, 2]) };
  const parameters: ParameterTable = new Map([
    [FIRST, { tensor: first, shape: [3, 4], initializer: normal(1) }],
    [SECOND, { tensor: second, shape: [4, 2], initializer: normal(1) }],
  ]);
  const error = sumSquares(sub(matmul(matmul(inputs.x, first), second), inputs.y));
  const average: Carried = {
    tensor: teacher,
    initial: { kind: 'copyOf', parameter: SECOND },
    next: (updated) => add(mul(teacher, scalar(MOMENTUM)), mul(updated.get(SECOND)!, scalar(1 - MOMENTUM))),
  };
  const total: Carried = {
    tensor: seen,
    initial: { kind: 'constant', value: 100 },
    next: () => add(seen, sumSquares(inputs.x)),
  };
  return {
    parameters,
    inputs,
    loss: add(error, sumSquares(sub(second, teacher))),
    metrics: {},
    carried: new Map([
      [`teacher.${SECOND}`, average],
      ['seen', total],
    ]),
  };
}

/** A batch; a pure function of the step. */
export function batchAt(step: number): Arrays {
  const random = createRandom(1, 'batch', String(step));
  const draw = (n: number) => Array.from({ length: n }, () => random.normal());
  return { x: float32([ROWS, 3], draw(ROWS * 3)), y: float32([ROWS, 2], draw(ROWS * 2)) };
}

/** Some steps on it. */
export const regressionPlan = (totalSteps: number, warmupSteps = 0) =>
  ({
    objective: regression(),
    optimizer: PAPER_OPTIMIZER,
    schedule: { totalSteps, warmupSteps },
    seed: 0,
    batchAt,
  }) satisfies Training;
