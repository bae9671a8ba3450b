import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { secondsPerStep, trainLine } from '../../../bench/ablation/trainLine.ts';
import { type ParameterTable, parameterScope } from '../../../src/nn/parameters.ts';
import { float32, input, square, sub, sum } from '../../../src/tensor/index.ts';
import type { Stage } from '../../../src/train/run/stage.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';

let made = 0;

/** Pulls one number towards that of the stage. */
function stage(name: string, target: number, from?: string): Stage {
  const parameters: ParameterTable = new Map();
  const x = parameterScope(parameters).get('x', [1], { kind: 'constant', value: 0 });
  const towards = input('towards', 'float32', [1]);
  return {
    name,
    ...(from !== undefined && { from }),
    training: {
      objective: { parameters, inputs: { towards }, loss: sum(square(sub(x, towards))), metrics: {} },
      optimizer: { ...PAPER_OPTIMIZER, learningRate: 0.1 },
      schedule: { totalSteps: 8, warmupSteps: 0 },
      seed: 0,
      batchAt: () => {
        made++;
        return { towards: float32([1], [target]) };
      },
    },
  };
}

const stages = [stage('root', 1), stage('left', -5, 'root'), stage('right', 5, 'root')];

describe('trainLine', () => {
  it('trains what a stage needs and no more, from where its parent ended; finished stages are read back', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'miniature-line-'));
    const options = { folder, session: { threads: 1 } };
    const right = await trainLine(stages, 'right', options);
    expect((await readdir(folder)).sort()).toEqual(['right', 'root']);
    const root = await trainLine(stages, 'root', options);
    expect(right.get('x')!.data[0]).toBeGreaterThan(root.get('x')!.data[0]!);
    const before = made;
    expect(await trainLine(stages, 'right', options)).toEqual(right);
    expect(made).toBe(before);
    const left = await trainLine(stages, 'left', { ...options, known: new Map([['root', root]]) });
    expect(left.get('x')!.data[0]).toBeLessThan(right.get('x')!.data[0]!);
    expect(await secondsPerStep(folder, 'right')).toBeGreaterThanOrEqual(0);
    await expect(trainLine(stages, 'middle', options)).rejects.toThrow('there is no stage middle');
  });
});
