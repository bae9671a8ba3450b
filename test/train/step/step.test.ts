import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { scalar, slice } from '../../../src/tensor/index.ts';
import { topologicalOrder } from '../../../src/tensor/tensor.ts';
import type { Objective } from '../../../src/train/losses/objective.ts';
import { latestState } from '../../../src/train/run/states.ts';
import { train } from '../../../src/train/run/trainer.ts';
import type { Training } from '../../../src/train/run/training.ts';
import { PAPER_OPTIMIZER } from '../../../src/train/step/optimizer/config.ts';
import { firstMoment, secondMoment } from '../../../src/train/step/optimizer/moments.ts';
import { initialState, type TrainState } from '../../../src/train/step/state/state.ts';
import { createDenseStep, updateGraph } from '../../../src/train/step/step.ts';
import { batchAt, FIRST, MOMENTUM, regression, SECOND } from '../regression.ts';

const folder = mkdtempSync(join(tmpdir(), 'siglip2-step-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const STEPS = 6;
const optimizer = { ...PAPER_OPTIMIZER, learningRate: 0.05 };
const withFrozen = (objective: Objective): Objective => ({ ...objective, frozen: (name) => name === FIRST });

const copy = (state: TrainState) =>
  Object.fromEntries([...state].map(([name, { data }]) => [name, [...data]]));

/** The state before the first step and after each. */
async function statesOf(objective: Objective) {
  const initial = initialState(objective, 5);
  const step = await createDenseStep(objective, optimizer, initial);
  const states = [copy(step.state())];
  for (let i = 0; i < STEPS; i++) {
    await step.run(batchAt(i), i, 1);
    states.push(copy(step.state()));
  }
  await step.dispose();
  return states;
}

describe('carried values', () => {
  it('follow the updated parameters: an average equals its closed form', async () => {
    const states = await statesOf(regression());
    const teacher = (t: number) => states[t]![`teacher.${SECOND}`]!;
    expect(teacher(0)).toEqual(states[0]![SECOND]);
    for (let t = 1; t <= STEPS; t++) {
      // μᵗ·θ₀ + (1−μ)·Σ μᵗ⁻ⁱ·θᵢ over the parameters after each update.
      const expected = teacher(t).map((_, e) =>
        states
          .slice(1, t + 1)
          .reduce(
            (sum, state, i) => sum + (1 - MOMENTUM) * MOMENTUM ** (t - i - 1) * state[SECOND]![e]!,
            MOMENTUM ** t * states[0]![SECOND]![e]!,
          ),
      );
      // Values about 1: 1e-6 is some roundings of float32 a step.
      for (const [e, value] of expected.entries())
        expect(Math.abs(teacher(t)[e]! - value)).toBeLessThan(1e-6);
    }
  });

  it('may be computed from the batch', async () => {
    const states = await statesOf(regression());
    let expected = 100;
    for (let t = 1; t <= STEPS; t++) {
      for (const value of batchAt(t - 1)['x']!.data as Float32Array) expected += value * value;
      expect(states[t]!['seen']![0]).toBeCloseTo(expected, 3);
    }
  });

  it('start as drawn, as a copy, or as given', () => {
    const fresh = initialState(regression(), 5);
    expect(fresh.get('seen')!.data).toEqual(Float32Array.of(100));
    const { shape } = fresh.get(SECOND)!;
    const given = { dtype: 'float32', shape, data: new Float32Array(8).fill(7) } as const;
    // The copy is that of the parameter which the state starts from, given or drawn.
    const started = initialState(regression(), 5, new Map([[SECOND, given]]));
    expect(started.get(`teacher.${SECOND}`)!.data).toEqual(given.data);
    const resumed = initialState(regression(), 5, new Map([[`teacher.${SECOND}`, given]]));
    expect(resumed.get(`teacher.${SECOND}`)!.data).toEqual(given.data);
    expect(resumed.get(SECOND)!.data).toEqual(fresh.get(SECOND)!.data);
  });

  it('are refused where they cannot work', async () => {
    const objective = regression();
    const teacher = objective.carried!.get(`teacher.${SECOND}`)!;
    const having = (name: string, change: object): Objective => ({
      ...objective,
      carried: new Map([[name, { ...teacher, ...change }]]),
    });
    expect(() => initialState(having('t', { initial: { kind: 'copyOf', parameter: 'nothing' } }), 5)).toThrow(
      /t copies nothing/,
    );
    expect(() => updateGraph(having(firstMoment(FIRST), {}), optimizer)).toThrow(/rename/);
    const cut = { next: () => slice(teacher.tensor, 0, 0, 1) };
    expect(() => updateGraph(having('t', cut), optimizer)).toThrow(
      /t is \[4, 2\] and becomes float32\[1, 2\]/,
    );
    const state = initialState(objective, 5);
    state.delete('seen');
    await expect(createDenseStep(objective, optimizer, state)).rejects.toThrow(/no seen/);
  });
});

describe('frozen parameters', () => {
  it('stay equal to the bit, have no moments, and are not differentiated', async () => {
    const objective = withFrozen(regression());
    const states = await statesOf(objective);
    expect(states.at(-1)![FIRST]).toEqual(states[0]![FIRST]);
    expect(states.at(-1)![SECOND]).not.toEqual(states[0]![SECOND]);
    expect(states.at(-1)).not.toHaveProperty([firstMoment(FIRST)]);
    expect(states.at(-1)).not.toHaveProperty([secondMoment(FIRST)]);
    expect(states.at(-1)).toHaveProperty([secondMoment(SECOND)]);

    const products = (of: Objective) => {
      const { next, reported } = updateGraph(of, optimizer);
      const order = topologicalOrder([...Object.values(next), ...Object.values(reported)]);
      return order.filter(({ primitive }) => primitive.name === 'matmul').length;
    };
    // Forward x·A·B, backward dB; with A two more: dy·Bᵀ and dA.
    expect(products(objective)).toBe(3);
    expect(products(regression())).toBe(5);
  });

  it('are read in place', async () => {
    const objective = withFrozen(regression());
    const initial = initialState(objective, 5);
    const step = await createDenseStep(objective, optimizer, initial);
    expect(step.state().get(FIRST)).toBe(initial.get(FIRST));
    await step.dispose();
  });

  it('may be unused, but not all', async () => {
    const objective = withFrozen(regression());
    const unused = { ...objective, loss: scalar(3), carried: undefined };
    const step = await createDenseStep(unused, optimizer, initialState(unused, 5));
    expect((await step.run(batchAt(0), 0, 1)).loss).toBe(3);
    await step.dispose();
    expect(() => updateGraph({ ...objective, frozen: () => true }, optimizer)).toThrow(/nothing to train/);
  });
});

describe('a run', () => {
  it('passes on what its objective has to say of the metrics', async () => {
    const metrics = { seen: scalar(7) };
    const said: (string | undefined)[] = [];
    const plan: Training = {
      objective: { ...regression(), metrics, notice: ({ seen }) => (seen === 7 ? 'all alike' : undefined) },
      optimizer,
      schedule: { totalSteps: 2, warmupSteps: 1 },
      seed: 5,
      batchAt,
    };
    const runDir = join(folder, 'noticed');
    await train(plan, { runDir, saveEvery: 2, onProgress: ({ notice }) => said.push(notice) });
    expect(said).toEqual(['all alike', 'all alike']);
  });

  it('that is stopped and resumed ends in the same bits; the files hold what is carried and frozen', async () => {
    const objective = withFrozen(regression());
    const plan: Training = {
      objective,
      optimizer,
      schedule: { totalSteps: STEPS, warmupSteps: 1 },
      seed: 5,
      batchAt,
    };
    const whole = await train(plan, { runDir: join(folder, 'whole'), saveEvery: 2 });
    const runDir = join(folder, 'broken');
    const stop = new AbortController();
    await train(plan, {
      runDir,
      saveEvery: 2,
      signal: stop.signal,
      onProgress: ({ step }) => step === 3 && stop.abort(),
    });
    const saved = await latestState(runDir);
    expect(saved!.step).toBe(3);
    expect([...saved!.state.keys()].sort()).toEqual(
      [FIRST, SECOND, firstMoment(SECOND), secondMoment(SECOND), `teacher.${SECOND}`, 'seen'].sort(),
    );
    expect(saved!.state.get(FIRST)!.data).toEqual(initialState(objective, 5).get(FIRST)!.data);
    const resumed = await train(plan, { runDir, saveEvery: 2 });
    expect(copy(resumed.state)).toEqual(copy(whole.state));
  });
});
