import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ParameterTable } from '../../../src/nn/parameters.ts';
import { float32, input, matmul, sub, sumSquares } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Objective } from '../../../src/train/losses/objective.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import { train } from '../../../src/train/run/trainer.ts';
import type { Training } from '../../../src/train/run/training.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import type { Select } from '../../../src/train/step/select.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-select-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OFFERED = 8;
const TAKEN = 2;

/** Least squares with one weight on `TAKEN` numbers. */
function regression(): Objective {
  const weight = input('head.weight', 'float32', [1, 1]);
  const parameters: ParameterTable = new Map([
    ['head.weight', { tensor: weight, shape: [1, 1], initializer: { kind: 'normal', std: 1 } }],
  ]);
  const inputs = { x: input('x', 'float32', [TAKEN, 1]), y: input('y', 'float32', [TAKEN, 1]) };
  return { parameters, inputs, loss: sumSquares(sub(matmul(inputs.x, weight), inputs.y)), metrics: {} };
}

/** Takes the rows that the present weight fits worst: the choice depends on batch and state. */
const worst: Select = (batch, state, step) => {
  const weight = state.get('head.weight')!.data[0]!;
  const [x, y] = [batch['x']!.data as Float32Array, batch['y']!.data as Float32Array];
  const errors = Array.from(x, (value, i) => Math.abs(value * weight - y[i]!));
  const rows = errors.map((_, i) => i).sort((a, b) => errors[b]! - errors[a]!);
  const take = (from: Float32Array) =>
    float32(
      [TAKEN, 1],
      rows.slice(0, TAKEN).map((row) => from[row]!),
    );
  return { batch: { x: take(x), y: take(y) }, metrics: { selected_at: step, worst: errors[rows[0]!]! } };
};

const plan: Training = {
  objective: regression(),
  optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.1 },
  schedule: { totalSteps: 7, warmupSteps: 1 },
  seed: 3,
  batchAt(step) {
    const random = createRandom(1, 'rows', step);
    const draw = () =>
      float32(
        [OFFERED, 1],
        Array.from({ length: OFFERED }, () => random.normal()),
      );
    return { x: draw(), y: draw() };
  },
  select: worst,
};

const asObject = (state: ReadonlyMap<string, { data: Float32Array }>) =>
  Object.fromEntries([...state].map(([name, { data }]) => [name, [...data]]));

describe('a plan that selects', () => {
  it('trains on the choice, reports it, and resumes to the same bits', async () => {
    const whole = await train(plan, { runDir: join(folder, 'whole'), saveEvery: 3 });
    const runDir = join(folder, 'broken');
    const stop = new AbortController();
    const first = await train(plan, {
      runDir,
      saveEvery: 3,
      signal: stop.signal,
      onProgress: ({ step }) => step === 4 && stop.abort(),
    });
    expect(first.step).toBe(4);
    const resumed = await train(plan, { runDir, saveEvery: 3 });
    expect(asObject(resumed.state)).toEqual(asObject(whole.state));
    // Step n of the log is the update from state n − 1, which is what the choice is told.
    const log = await readLog(runDir);
    expect(log.map((entry) => entry['selected_at'])).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('hands over the parameters of the step, not those of the start', async () => {
    const seen: number[] = [];
    await train(
      {
        ...plan,
        select: (batch, state, step) => {
          seen.push(state.get('head.weight')!.data[0]!);
          return worst(batch, state, step);
        },
      },
      { runDir: join(folder, 'seen'), saveEvery: 100 },
    );
    // The schedule's step 0 moves nothing, the others do.
    expect(new Set(seen).size).toBe(plan.schedule.totalSteps - 1);
  });

  it('a choice that fails ends the run with its own error', async () => {
    const select: Select = () => {
      throw new Error('no teacher');
    };
    const run = train({ ...plan, select }, { runDir: join(folder, 'failed'), saveEvery: 3 });
    await expect(run).rejects.toThrow('no teacher');
  });
});
