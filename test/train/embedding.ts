import { normal, type ParameterTable } from '../../src/nn/parameters.ts';
import {
  type Arrays,
  add,
  float32,
  gather,
  input,
  int32,
  matmul,
  reshape,
  slice,
  sub,
  sumSquares,
  type Tensor,
} from '../../src/tensor/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import type { Objective } from '../../src/train/losses/objective.ts';
import { PAPER_OPTIMIZER } from '../../src/train/step/optimizer/config.ts';
import type { TrainState } from '../../src/train/step/state/state.ts';

export const ROWS = 40;
export const WIDTH = 3;
export const TABLE = 'token_embedding.weight';
const KERNEL = 'head.weight';
export const optimizer = { ...PAPER_OPTIMIZER, learningRate: 0.02 };

/** Least squares on rows of one table that two inputs read. */
export function embedding(
  name = TABLE,
  change: (table: Tensor, loss: Tensor) => Tensor = (_, loss) => loss,
): Objective {
  const table = input(name, 'float32', [ROWS, WIDTH]);
  const kernel = input(KERNEL, 'float32', [WIDTH, 2]);
  const inputs = {
    ids: input('ids', 'int32', [2, 3]),
    others: input('others', 'int32', [4]),
    y: input('y', 'float32', [10, 2]),
  };
  const parameters: ParameterTable = new Map([
    [name, { tensor: table, shape: [ROWS, WIDTH], initializer: normal(0.5) }],
    [KERNEL, { tensor: kernel, shape: [WIDTH, 2], initializer: normal(1) }],
  ]);
  const first = matmul(reshape(gather(table, inputs.ids), [6, WIDTH]), kernel);
  const second = matmul(gather(table, inputs.others), kernel);
  const y = (start: number, end: number) => slice(inputs.y, 0, start, end);
  const loss = add(sumSquares(sub(first, y(0, 6))), sumSquares(sub(second, y(6, 10))));
  return { parameters, inputs, loss: change(table, loss), metrics: {} };
}

export function batchAt(step: number): Arrays {
  const random = createRandom(1, 'rows', String(step));
  // Few rows often, most rarely, some twice in a batch.
  const id = () => Math.floor(ROWS * random.next() ** 3);
  const draw = <T>(n: number, next: () => T) => Array.from({ length: n }, next);
  return {
    ids: int32([2, 3], draw(6, id)),
    others: int32([4], draw(4, id)),
    y: float32([10, 2], draw(20, random.normal)),
  };
}

export const copy = (state: TrainState): TrainState =>
  new Map([...state].map(([name, array]) => [name, { ...array, data: array.data.slice() }]));
