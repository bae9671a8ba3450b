import { describe, expect, it } from 'vitest';
import {
  type Arrays,
  add,
  float32,
  input,
  int32,
  sumSquares,
  type Tensor,
} from '../../../../src/tensor/index.ts';
import { createRandom } from '../../../../src/tensor/random.ts';
import { topologicalOrder } from '../../../../src/tensor/tensor.ts';
import type { Objective } from '../../../../src/train/losses/objective.ts';
import { contrastiveObjective } from '../../../../src/train/losses/sigmoid/contrastive.ts';
import { createStep } from '../../../../src/train/step/createStep.ts';
import { firstMoment } from '../../../../src/train/step/optimizer/moments.ts';
import { denseRows } from '../../../../src/train/step/sparse/denseRows.ts';
import { findRowTables, readableOf } from '../../../../src/train/step/sparse/findTables.ts';
import { rowsForTables } from '../../../../src/train/step/sparse/rowForm.ts';
import { initialState, type TrainState } from '../../../../src/train/step/state/state.ts';
import { updateGraph } from '../../../../src/train/step/step.ts';
import { tinyConfig } from '../../../cli/fixtures.ts';
import { batchAt, copy, embedding, optimizer, ROWS, TABLE, WIDTH } from '../../embedding.ts';

function largestDifference(actual: TrainState, expected: TrainState): number {
  expect([...actual.keys()].sort()).toEqual([...expected.keys()].sort());
  let worst = 0;
  for (const [name, { data }] of expected)
    data.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - actual.get(name)!.data[i]!));
    });
  return worst;
}

/** States after some of the steps, without asking for the others: rows fall behind in between. */
async function statesAt(objective: Objective, batches: (step: number) => Arrays, sparse: boolean) {
  const states: TrainState[] = [];
  const norms: number[] = [];
  let initial = initialState(objective, 1);
  let step = await createStep(objective, optimizer, initial, { sparse });
  for (let i = 0; i < 60; i++) {
    norms.push((await step.run(batches(i), i, 1 - i / 100)).gradientNorm);
    if (i === 20 || i === 59) states.push(copy(step.state()));
    if (i === 40) {
      // As a run that is stopped and resumed.
      initial = copy(step.state());
      await step.dispose();
      step = await createStep(objective, optimizer, initial, { sparse });
    }
  }
  await step.dispose();
  return { states, norms };
}

describe('a row-sparse step', () => {
  it('equals the dense one, in rows that are read and in rows that are not', async () => {
    const objective = embedding();
    const dense = await statesAt(objective, batchAt, false);
    const sparse = await statesAt(objective, batchAt, true);
    const start = initialState(objective, 1);
    sparse.states.forEach((state, i) => {
      // Values about 1 and 60 updates of 0.02: some roundings of float32.
      expect(largestDifference(state, dense.states[i]!)).toBeLessThan(1e-6);
      expect(largestDifference(state, start)).toBeGreaterThan(0.1);
    });
    sparse.norms.forEach((norm, i) => {
      expect(norm / dense.norms[i]!).toBeCloseTo(1, 5);
    });
  });

  it('has no tensor of the size of the table', () => {
    const { graph, tables } = rowsForTables(denseRows, embedding(), optimizer, true);
    const { next, reported } = graph!;
    expect(tables.map(({ name, slots }) => [name, slots])).toEqual([[TABLE, 10]]);
    const order = topologicalOrder(Object.values({ ...next, ...reported }));
    const sizes = order.flatMap(({ outputs }) => outputs.map(({ shape }) => shape[0]));
    expect(sizes).toContain(10);
    expect(sizes).not.toContain(ROWS);
  });

  it('computes each product once, as the dense one does', () => {
    const objective = contrastiveObjective(tinyConfig('fixed', 200), { images: 2, texts: 2 });
    const products = (sparse: boolean) => {
      const { graph = updateGraph(objective, optimizer) } = rowsForTables(
        denseRows,
        objective,
        optimizer,
        sparse,
      );
      const order = topologicalOrder(Object.values({ ...graph.next, ...graph.reported }));
      return order.filter(({ primitive }) => primitive.name === 'matmul').length;
    };
    expect(products(false)).toBeGreaterThan(20);
    expect(products(true)).toBe(products(false));
  });

  it('trains the two towers as the dense one', async () => {
    const objective = contrastiveObjective(tinyConfig('fixed', 200), { images: 2, texts: 2 });
    const batch = (step: number): Arrays => {
      const random = createRandom(4, 'towers', String(step % 5));
      const fill = ({ shape, dtype }: Tensor) => {
        const size = (shape as number[]).reduce((a, b) => a * b);
        const draw = (next: () => number) => Array.from({ length: size }, next);
        return dtype === 'float32'
          ? float32(shape as number[], draw(random.normal))
          : int32(
              shape as number[],
              draw(() => Math.floor(200 * random.next())),
            );
      };
      const ids = int32([2], [0, 1]);
      const drawn = Object.entries(objective.inputs).map(([name, tensor]) => [name, fill(tensor)] as const);
      return { ...Object.fromEntries(drawn), image_ids: ids, text_ids: ids };
    };
    const results = await Promise.all(
      [true, false].map(async (sparse) => {
        const settings = { ...optimizer, epsilon: 1e-3 };
        const step = await createStep(objective, settings, initialState(objective, 1), { sparse });
        for (let i = 0; i < 8; i++) await step.run(batch(i), i, 1);
        const state = copy(step.state());
        await step.dispose();
        return state;
      }),
    );
    expect(largestDifference(results[0]!, results[1]!)).toBeLessThan(1e-5);
  });

  it('names an id that is no row, and goes on afterwards', async () => {
    const objective = embedding();
    const step = await createStep(objective, optimizer, initialState(objective, 1), { sparse: true });
    const bad = { ...batchAt(0), ids: int32([2, 3], [0, 1, 2, 3, 4, ROWS]) };
    await expect(step.run(bad, 0, 1)).rejects.toThrow(
      /id 40 is no row of token_embedding.weight, which has 40/,
    );
    const result = await step.run(batchAt(0), 0, 1);
    const other = await createStep(objective, optimizer, initialState(objective, 1), {
      sparse: true,
    });
    expect(await other.run(batchAt(0), 0, 1)).toEqual(result);
    await step.dispose();
    await other.dispose();
  });
});

describe('a state that a step owns', () => {
  it('may have one array for a table and for what is carried beside it', async () => {
    const memory = input('memory', 'float32', [ROWS, WIDTH]);
    const initial = { kind: 'copyOf', parameter: TABLE } as const;
    const carried = new Map([['memory', { tensor: memory, initial, next: () => add(memory, memory) }]]);
    const objective = { ...embedding(), carried };
    const run = async (ownsInitial: boolean) => {
      const start = initialState(objective, 1);
      expect(start.get('memory')).toBe(start.get(TABLE));
      const step = await createStep(objective, optimizer, start, { sparse: true, ownsInitial });
      for (let i = 0; i < 3; i++) await step.run(batchAt(i), i, 1);
      const state = copy(step.state());
      await step.dispose();
      return state;
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('tables that are updated by rows', () => {
  const found = (objective: Objective, wanted?: boolean) =>
    findRowTables(readableOf(objective), optimizer, wanted).map(({ name }) => name);

  it('are those that are read by the ids of the batch only', () => {
    expect(found(embedding(), true)).toEqual([TABLE]);
    expect(found(embedding(), false)).toEqual([]);
    expect(found({ ...embedding(), frozen: (name) => name === TABLE }, true)).toEqual([]);
    // Weight decay moves every row of a kernel.
    expect(found(embedding('lookup.head.weight'), true)).toEqual([]);
    expect(
      found(
        embedding(TABLE, (table, loss) => add(loss, sumSquares(table))),
        true,
      ),
    ).toEqual([]);
    // A teacher that follows the table reads all of it.
    const objective = embedding();
    const tensor = input('teacher', 'float32', [ROWS, WIDTH]);
    const carried = new Map([
      [
        'teacher',
        {
          tensor,
          initial: { kind: 'copyOf', parameter: TABLE },
          next: (updated: ReadonlyMap<string, Tensor>) => add(tensor, updated.get(TABLE)!),
        } as const,
      ],
    ]);
    expect(found({ ...objective, carried }, true)).toEqual([]);
  });

  it('are by default large ones of which a batch reads little', () => {
    const towers = (vocabulary: number, texts: number) =>
      found(contrastiveObjective(tinyConfig('fixed', vocabulary), { images: texts, texts }));
    const name = 'text_model.embeddings.token_embedding.weight';
    expect(towers(100_000, 1)).toEqual([]);
    expect(towers(5_000_000, 8)).toEqual([name]);
    expect(towers(5_000_000, 400_000)).toEqual([]);
  });
});

describe('steps that share a state', () => {
  it('train it in turn as one step would', async () => {
    const objective = embedding();
    const alone = await createStep(objective, optimizer, initialState(objective, 1), {
      sparse: true,
    });
    const first = await createStep(objective, optimizer, initialState(objective, 1), {
      sparse: true,
    });
    const second = await createStep(objective, optimizer, first.shared, { sparse: true });
    for (let i = 0; i < 6; i++) {
      await alone.run(batchAt(i), i, 1);
      await (i % 3 === 1 ? second : first).run(batchAt(i), i, 1);
    }
    expect(largestDifference(second.state(), alone.state())).toBe(0);
    expect(second.state().get(firstMoment(TABLE))).toBe(first.state().get(firstMoment(TABLE)));
    await expect(createStep(objective, optimizer, first.shared, { sparse: false })).rejects.toThrow(
      /differ in .*token_embedding/,
    );
    for (const step of [alone, first, second]) await step.dispose();
  });
});
