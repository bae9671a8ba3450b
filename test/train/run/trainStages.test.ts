import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { ParameterTable } from '../../../src/nn/parameters.ts';
import { float32, input, matmul, sub, sumSquares } from '../../../src/tensor/index.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import type { Objective } from '../../../src/train/losses/objective.ts';
import { TrainingDivergedError } from '../../../src/train/run/diverged.ts';
import { readLog } from '../../../src/train/run/log/log.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { stageDir } from '../../../src/train/run/stageTree.ts';
import { trainStages } from '../../../src/train/run/trainStages.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-stages-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEPS = 6;

/** Least squares on batches of `rows`: stages may differ in their graphs, not in their parameters. */
function regression(rows: number): Objective {
  const weight = input('head.weight', 'float32', [3, 2]);
  const parameters: ParameterTable = new Map([
    ['head.weight', { tensor: weight, shape: [3, 2], initializer: { kind: 'normal', std: 1 } }],
  ]);
  const inputs = { x: input('x', 'float32', [rows, 3]), y: input('y', 'float32', [rows, 2]) };
  return { parameters, inputs, loss: sumSquares(sub(matmul(inputs.x, weight), inputs.y)), metrics: {} };
}

const stage = (name: string, rows: number, spoil = Number.POSITIVE_INFINITY): Stage => ({
  name,
  training: {
    objective: regression(rows),
    optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.05 },
    schedule: { totalSteps: STEPS, warmupSteps: 1 },
    seed: 3,
    batchAt(step) {
      const random = createRandom(1, name, step);
      const draw = (n: number) =>
        Array.from({ length: n }, () => (step >= spoil ? Number.NaN : random.normal()));
      return { x: float32([rows, 3], draw(rows * 3)), y: float32([rows, 2], draw(rows * 2)) };
    },
  },
});
const stages = [stage('first', 4), stage('second', 8)] as const;
const asObject = (state: ReadonlyMap<string, { data: Float32Array }>) =>
  Object.fromEntries([...state].map(([name, { data }]) => [name, [...data]]));

describe('stages', () => {
  it('continue from each other, and a run stopped in any of them ends in the same bits', async () => {
    const whole = await trainStages(stages, { runDir: join(folder, 'whole'), saveEvery: 2 });
    expect(whole.finished).toBe(true);
    const alone = await trainStages([stages[1]], { runDir: join(folder, 'alone'), saveEvery: 2 });
    expect(asObject(whole.state)).not.toEqual(asObject(alone.state));

    const runDir = join(folder, 'broken');
    // Stopped in the first stage, at its end, and in the second.
    for (const [name, step] of [
      ['first', 3],
      ['first', STEPS],
      ['second', 2],
    ] as const) {
      const stop = new AbortController();
      const result = await trainStages(stages, {
        runDir,
        saveEvery: 2,
        signal: stop.signal,
        onProgress: (progress, { name: current }) => {
          if (current === name && progress.step === step) stop.abort();
        },
      });
      expect(result.step).toBe(step);
    }
    const resumed = await trainStages(stages, { runDir, saveEvery: 2 });
    expect(asObject(resumed.state)).toEqual(asObject(whole.state));
    const log = await readLog(stageDir(runDir, stages, 1));
    expect(log.map((entry) => entry.step)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('may plan on what was learnt before, and what a stage does not train goes through unchanged', async () => {
    const other = input('other.weight', 'float32', [2]);
    let plans = 0;
    const second: Stage = {
      name: 'other',
      training: {
        steps: 2,
        async make(before) {
          plans++;
          const target = before.get('head.weight')!.data.slice(0, 2);
          return {
            objective: {
              parameters: new Map([
                ['other.weight', { tensor: other, shape: [2], initializer: { kind: 'zeros' } }],
              ]),
              inputs: { target: input('target', 'float32', [2]) },
              loss: sumSquares(sub(other, input('target', 'float32', [2]))),
              metrics: {},
            },
            optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.05 },
            schedule: { totalSteps: 2, warmupSteps: 0 },
            seed: 3,
            batchAt: () => ({ target: float32([2], target) }),
          };
        },
      },
    };
    const first = await trainStages([stages[0]], { runDir: join(folder, 'one'), saveEvery: 2 });
    const both = await trainStages([stages[0], second], { runDir: join(folder, 'both'), saveEvery: 2 });
    expect(asObject(both.state)).toMatchObject(asObject(first.state));
    // A finished stage is read back, not planned again.
    const again = await trainStages([stages[0], second], { runDir: join(folder, 'both'), saveEvery: 2 });
    expect(asObject(again.state)).toEqual(asObject(both.state));
    expect(plans).toBe(1);
    // Adam's first steps go by the learning rate towards the target, whatever the gradient's size.
    const signs = (values: ArrayLike<number>) => Array.from(values, Math.sign);
    expect(signs(both.state.get('other.weight')!.data)).toEqual(
      signs(first.state.get('head.weight')!.data.slice(0, 2)),
    );
  });

  it('a loss that is no number stops the run and names the last good state', async () => {
    const runDir = join(folder, 'diverged');
    const run = trainStages([stage('spoilt', 4, 4)], { runDir, saveEvery: 2 });
    await expect(run).rejects.toThrow(TrainingDivergedError);
    await expect(run).rejects.toThrow(/step 5: loss NaN.*state is that of step 4/);
  });
});
