import { describe, expect, it } from 'vitest';
import type { ParameterTable } from '../../../../src/nn/parameters.ts';
import { input, mul, reshape, scalar, type Tensor } from '../../../../src/tensor/index.ts';
import { topologicalOrder } from '../../../../src/tensor/tensor.ts';
import { createStep } from '../../../../src/train/step/createStep.ts';
import { adam } from '../../../../src/train/step/optimizer/adam.ts';
import { clipByGlobalNorm } from '../../../../src/train/step/optimizer/clip.ts';
import { PAPER_OPTIMIZER } from '../../../../src/train/step/optimizer/config.ts';
import { addDecayedWeights } from '../../../../src/train/step/optimizer/decay.ts';
import { muon } from '../../../../src/train/step/optimizer/muon.ts';
import { missed, momentNames, optimizerGraph } from '../../../../src/train/step/optimizer/optimizer.ts';
import {
  type AnyOptimizer,
  type Optimizer,
  optimizerRules,
} from '../../../../src/train/step/optimizer/rules.ts';
import { scaleBySchedule } from '../../../../src/train/step/optimizer/schedule.ts';
import type { Transform } from '../../../../src/train/step/optimizer/transform.ts';
import { denseRows } from '../../../../src/train/step/sparse/denseRows.ts';
import { rowsForTables } from '../../../../src/train/step/sparse/rowForm.ts';
import { initialState } from '../../../../src/train/step/state/state.ts';
import { stageSchedules } from '../../../../src/train/timeline/stageSchedule.ts';
import { readFixture, relativeError } from '../../../support/fixtures.ts';
import { batchAt, copy, embedding, TABLE } from '../../embedding.ts';
import { regression } from '../../regression.ts';
import { replay } from '../../replay.ts';
import { tinyTimeline } from '../../timeline/tinyTimeline.ts';

const CONFIG = {
  ...PAPER_OPTIMIZER,
  ...{ learningRate: 0.05, weightDecay: 0.02, muon: { learningRate: 0.05, momentum: 0.95 } },
};
const { learningRate } = CONFIG;

/** Rules whose chains are computed as they are written: a copy of a transform is none that can be joined with others. */
const asWritten = (optimizer: Optimizer): Optimizer => ({
  ...optimizer,
  rules: optimizer.rules.map((rule) => ({
    ...rule,
    chain: rule.chain.map((transform) => ({ ...transform })),
  })),
});
const fused: Optimizer = { learningRate, rules: optimizerRules(CONFIG) };
const only = (...chain: readonly Transform[]): Optimizer => ({
  learningRate,
  rules: [{ name: 'all', matches: () => true, chain }],
});

/** The graph of one parameter's update. */
function updateOf(name: string, optimizer: AnyOptimizer, shape: readonly number[] = [4, 3]) {
  const table: ParameterTable = new Map([
    [name, { tensor: input(name, 'float32', shape), shape, initializer: { kind: 'zeros' } }],
  ]);
  return optimizerGraph(table, [input('gradient', 'float32', shape)], optimizer).updates;
}

const hasBlock = (updates: Readonly<Record<string, Tensor>>): boolean =>
  topologicalOrder(Object.values(updates)).some(({ primitive }) => primitive.name === 'blockwise');

describe('a chain as it is written', () => {
  it('equals the joined one, for Adam with and without decay and for Muon', async () => {
    const fixture = await readFixture('optimizer/adam.safetensors');
    const names = { kernel: 'mlp.fc1.weight', bias: 'head.bias', embedding: 'text_model.head.weight' };
    const run = (optimizer: AnyOptimizer) => replay(fixture, names, optimizer, [0, 0.5, 1, 0.7, 0.2]);
    const [joined, written, config] = await Promise.all([run(fused), run(asWritten(fused)), run(CONFIG)]);
    expect(config).toEqual(joined);
    joined.forEach(({ state }, step) => {
      expect([...written[step]!.state.keys()]).toEqual([...state.keys()]);
      for (const [name, value] of state) {
        const other = written[step]!.state.get(name)!;
        // Products in another order: a few roundings of float32 a step; Muon's iteration multiplies them about tenfold.
        expect(relativeError(other, value), `${name} ${step}`).toBeLessThan(2e-6);
      }
    });
  });

  it('is joined where it is clip, Adam, decay and schedule, and nowhere else', () => {
    const [clip, move, decay, schedule] = [
      clipByGlobalNorm(1),
      adam({ learningRate, beta1: 0.9, beta2: 0.95, epsilon: 1e-8 }),
      addDecayedWeights(0.1),
      scaleBySchedule(),
    ];
    const half: Transform = { name: 'half', apply: (update) => ({ update: mul(update, scalar(0.5)) }) };
    const joined = (...chain: readonly Transform[]) => hasBlock(updateOf('w', only(...chain)));
    expect([joined(clip, move, decay, schedule), joined(clip, move, schedule)]).toEqual([true, true]);
    for (const chain of [
      [move, schedule],
      [clip, move],
      [clip, move, decay],
      [clip, half, move, schedule],
      [clip, move, decay, half, schedule],
      [clip, { ...move }, schedule],
    ])
      expect(joined(...chain)).toBe(false);
  });
});

describe('rows of a table', () => {
  const ADAM = { learningRate: 0.02, beta1: 0.9, beta2: 0.95, epsilon: 1e-8 };
  const [clip, schedule] = [clipByGlobalNorm(1), scaleBySchedule()];
  const tables = (...chain: readonly Transform[]): Optimizer => ({
    learningRate,
    rules: [
      // The whole name, which the rows that stand for the table do not have.
      { name: 'tables', matches: (path) => path === TABLE, chain },
      { name: 'others', matches: (path) => path !== TABLE, chain: [clip, muon(CONFIG.muon), schedule] },
    ],
  });

  it('may wait where Adam alone moves them, the first of the rules', () => {
    const plain = [clip, adam(ADAM), schedule];
    expect(missed(TABLE, tables(...plain))).toEqual(ADAM);
    expect(missed(TABLE, PAPER_OPTIMIZER)).toMatchObject({ beta1: 0.9, beta2: 0.95 });
    const { rules } = tables(...plain);
    const first = {
      name: 'none',
      matches: () => false,
      chain: [clip, adam({ ...ADAM, beta1: 0.8 }), schedule],
    };
    for (const optimizer of [
      tables(clip, adam(ADAM), addDecayedWeights(0.1), schedule),
      tables(clip, { ...adam(ADAM) }, schedule),
      { learningRate, rules: [first, ...rules] },
    ])
      expect(missed(TABLE, optimizer)).toBeUndefined();
    expect(missed('head.weight', PAPER_OPTIMIZER)).toBeUndefined();
    expect(missed('mlp.fc1.weight', CONFIG)).toBeUndefined();
  });

  it('are moved by the table’s rule', async () => {
    const objective = embedding();
    const optimizer = tables(clip, adam(ADAM), schedule);
    expect(rowsForTables(denseRows, objective, optimizer, true).tables).toHaveLength(1);
    const [dense, sparse] = await Promise.all(
      [false, true].map(async (rows) => {
        const step = await createStep(objective, optimizer, initialState(objective, 1), {
          sparse: rows,
        });
        for (let i = 0; i < 8; i++) await step.run(batchAt(i), i, 1);
        const state = copy(step.state());
        await step.dispose();
        return state;
      }),
    );
    expect([...sparse!.keys()].sort()).toEqual([...dense!.keys()].sort());
    for (const [name, value] of dense!)
      expect(relativeError(sparse!.get(name), value), name).toBeLessThan(1e-5);
  });
});

describe('an optimizer that is wrong', () => {
  const schedule = scaleBySchedule();
  const kept = (given: object): Transform => ({
    name: 'odd',
    moments: ['first_moment'],
    apply: (update) => ({ update, ...given }),
  });

  it('is named where its graph is made', () => {
    const none = { learningRate, rules: [{ name: 'none', matches: () => false, chain: [schedule] }] };
    expect(() => updateOf('w', none)).toThrow('no rule of the optimizer matches w: end with one');
    const flat: Transform = { name: 'flat', apply: (update) => ({ update: reshape(update, [12]) }) };
    expect(() => updateOf('w', only(flat))).toThrow('flat, on w, gives [12] as update; it must be [4, 3]');
    expect(() => updateOf('w', only(kept({})))).toThrow('odd, on w, keeps [first_moment] and gives []');
    expect(() =>
      updateOf(
        'w',
        only({
          ...kept({}),
          moments: [],
          apply: (update, { moment }) => ({ update: mul(update, moment('second_moment')) }),
        }),
      ),
    ).toThrow('w has no second_moment');
    for (const chain of [[clipByGlobalNorm(1), muon(CONFIG.muon), schedule], [muon(CONFIG.muon)]])
      expect(() => updateOf('w', only(...chain), [4])).toThrow('muon moves matrices, and w is [4]');
  });

  it('is refused where a step is made of it', async () => {
    const objective = regression();
    const fault = (optimizer: unknown) =>
      createStep(objective, optimizer as Optimizer, initialState(objective, 1)).then(
        () => 'nothing is wrong',
        (error: Error) => error.message,
      );
    expect(await fault({ rules: [] })).toContain('optimizer.learningRate is missing');
    expect(await fault({ learningRate: 1, rules: [] })).toContain('optimizer.rules');
    expect(await fault(only(kept({}), kept({})))).toContain(
      'optimizer.rules[0]: two of its transforms keep first_moment',
    );
    expect(await fault(only({ ...schedule, moments: ['third'] as never }))).toContain(
      'optimizer.rules[0].chain[0].moments[0] is "third"; it must be one of first_moment, second_moment',
    );
  });

  it('is refused in its transforms’ settings', () => {
    expect(() => adam({ learningRate, beta1: 1, beta2: 0.9, epsilon: 1e-8 })).toThrow('adam.beta1 is 1');
    expect(() => muon({ learningRate, momentum: 1 })).toThrow('muon.momentum is 1');
    expect(() => clipByGlobalNorm(0)).toThrow('clipByGlobalNorm is 0; it must be');
    expect(() => addDecayedWeights(-1)).toThrow('addDecayedWeights is -1; it must be');
  });

  it('is refused by a timeline whose stages have a rate of their own, which it does not take', () => {
    const timeline = { ...tinyTimeline(), optimizer: fused };
    expect(() => stageSchedules(timeline)).toThrow(/stage curation: .* give its rules a function `retuned`/);
    const retuned = ({ learningRate: rate }: { readonly learningRate: number }) => ({
      ...fused,
      learningRate: rate,
    });
    const stages = stageSchedules({ ...timeline, optimizer: { ...fused, retuned } });
    expect(stages.map(({ optimizer }) => optimizer.learningRate)).toEqual([0.05, 0.05, 0.05, 0.05, 1e-3]);
  });

  it('keeps the moments that its chains keep', () => {
    expect(momentNames('mlp.fc1.weight', fused)).toEqual(['first_moment.mlp.fc1.weight']);
    expect(momentNames('bias', fused)).toEqual(['first_moment.bias', 'second_moment.bias']);
    expect(momentNames('bias', only(schedule))).toEqual([]);
  });
});
