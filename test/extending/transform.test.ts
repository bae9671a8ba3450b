import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { optimizer } from '../../examples/ownTransform.ts';
import { float32, int32 } from '../../src/tensor/index.ts';
import {
  contrastiveObjective,
  initialState,
  isKernel,
  stepMemory,
  type Training,
  type TrainProgress,
  type TrainState,
  train,
} from '../../src/train/index.ts';
import { tinyConfig } from '../cli/fixtures.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'siglip2-own-transform-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [PAIRS, STEPS] = [4, 4];
const objective = contrastiveObjective(tinyConfig('fixed', 50), { images: PAIRS, texts: PAIRS });
const pixels = objective.inputs['pixel_values']!.shape as number[];
const length = Number(objective.inputs['input_ids']!.shape[1]);
const batch = {
  pixel_values: float32(
    pixels,
    Array.from({ length: pixels.reduce((a, b) => a * b) }, (_, i) => Math.sin(i)),
  ),
  input_ids: int32(
    [PAIRS, length],
    Array.from({ length: PAIRS * length }, (_, i) => (7 * i) % 50),
  ),
  image_ids: int32([PAIRS], [0, 1, 2, 3]),
  text_ids: int32([PAIRS], [0, 1, 2, 3]),
};
const plan: Training = {
  ...{ objective, optimizer, seed: 1, schedule: { totalSteps: STEPS, warmupSteps: 0 } },
  batchAt: () => batch,
};

/** A run of the plan, stopped after a step and continued. */
async function run(name: string, stopAfter: number) {
  const progress: TrainProgress[] = [];
  const states: TrainState[] = [];
  for (let done = 0; done < STEPS; done = progress.length) {
    const stop = new AbortController();
    const { state } = await train(plan, {
      ...{ runDir: join(folder, name), saveEvery: 10, session: { threads: 1 }, signal: stop.signal },
      onProgress(one) {
        progress.push(one);
        if (one.step === stopAfter) stop.abort();
      },
    });
    states.push(state);
  }
  return { progress, states };
}

describe('a transform of one’s own, from one file', () => {
  it('has at most 40 lines, and docs/extending.md shows it', () => {
    const text = readFileSync(join(root, 'examples/ownTransform.ts'), 'utf8');
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    expect(readFileSync(join(root, 'docs/extending.md'), 'utf8')).toContain(`\`\`\`ts\n${text}\`\`\``);
  });

  it('trains, and a run that is stopped and continued ends in the same bits', async () => {
    const [whole, stopped] = [await run('whole', STEPS), await run('stopped', 1)];
    expect([whole.states.length, stopped.states.length]).toEqual([1, 2]);
    expect(stopped.states[1]).toEqual(whole.states[0]);
    expect(whole.progress[0]!.learningRate).toBe(3e-4);
    expect(whole.progress.at(-1)!.loss).toBeLessThan(whole.progress[0]!.loss);
    expectLion(stopped.states[0]!);
  });

  /** After one step m is (1−β2)·g: it moves the kernels by sign(m), decayed, and Adam the others. */
  function expectLion(state: TrainState): void {
    const before = initialState(objective, plan.seed);
    const kernels = [...objective.parameters.keys()].filter(isKernel);
    expect(kernels.length).toBeGreaterThan(5);
    for (const name of kernels) {
      expect(state.has(`second_moment.${name}`)).toBe(false);
      const [start, end, m] = [before.get(name)!, state.get(name)!, state.get(`first_moment.${name}`)!];
      end.data.forEach((value, i) => {
        const expected = start.data[i]! - 3e-4 * Math.sign(m.data[i]!) - 1e-3 * start.data[i]!;
        expect(Math.abs(value - expected)).toBeLessThan(1e-6);
      });
    }
    expect(state.has('second_moment.logit_scale')).toBe(true);
  }

  it('is counted with the memory of one moment a kernel', () => {
    const bytes = (wanted: (name: string) => boolean) =>
      [...objective.parameters].reduce(
        (sum, [name, { shape }]) => sum + (wanted(name) ? 4 * shape.reduce((a, b) => a * b, 1) : 0),
        0,
      );
    expect(stepMemory(objective, optimizer).moments).toBe(
      bytes(isKernel) + 2 * bytes((name) => !isKernel(name)),
    );
  });
});
