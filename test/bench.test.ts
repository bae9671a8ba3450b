import { describe, expect, it, test } from 'vitest';
import { alternate } from '../bench/alternate.ts';
import { createContext, runBench } from '../bench/bench.ts';
import { compareResults, ids, numbers } from '../bench/comparison.ts';
import type { EngineName } from '../bench/engines/engines.ts';
import { matrixShare, operatorShares } from '../bench/operatorShares.ts';
import { END, insertReport, report, START } from '../bench/report.ts';
import { resultsSchema } from '../bench/result.ts';
import { FULL } from '../bench/sizes.ts';
import { median, pairedRatio } from '../bench/stats.ts';
import { imageGraph, textGraph } from '../src/encoder/towers/graphs.ts';
import { graphFlops } from '../src/tensor/cost/flops.ts';
import { stepFlops } from '../src/train/cost/stepCost.ts';
import { contrastiveObjective } from '../src/train/losses/sigmoid/contrastive.ts';

describe('operations counted', () => {
  const { model, trained, trainBatch } = FULL;
  const d = 768;
  const m = 3072;
  const block = (tokens: number) => 8 * tokens * d ** 2 + 4 * tokens ** 2 * d + 4 * tokens * d * m;

  it('image tower: patches, blocks, and the head with its projections moved to the probe', () => {
    const image = 2 * 196 * d * d + 12 * block(196) + 4 * 196 * d * 12 + 4 * d ** 2 + 4 * d * m;
    // The probe's query is carried through two projections once per run, not per image.
    expect(graphFlops(Object.values(imageGraph(model).outputs), 8)).toBe(8 * image + 4 * d ** 2);
  });

  it('text tower: the last block asks at one position, the head maps one', () => {
    // Queries, keys, values and output of one position; scores and sums of the tokens themselves for each of 12 heads.
    const last = 8 * d ** 2 + 4 * 64 * d * 12 + 4 * d * m;
    const text = 11 * block(64) + last + 2 * d ** 2;
    expect(graphFlops(Object.values(textGraph(model).outputs), 8)).toBe(8 * text);
  });

  it('training step: three times the forward pass, without a gradient of the pixels', () => {
    const objective = contrastiveObjective(trained, { images: trainBatch, texts: trainBatch });
    const forward = graphFlops([objective.loss], 0);
    const pixels = trainBatch * 2 * 196 * d * d;
    // The loss computes its logits again for the backward pass: 8 × 8 pairs, less than a millionth.
    expect(stepFlops(objective) / (3 * forward - pixels)).toBeCloseTo(1, 5);
  });
});

describe('statistics', () => {
  it('median of odd and even counts', () => {
    expect(median([9, 1, 4])).toBe(4);
    expect(median([1, 9, 4, 2])).toBe(3);
    expect(() => median([])).toThrow(/no values/);
  });

  it('the ratio pairs costs of one round: a slow machine changes nothing', () => {
    expect(pairedRatio([1, 10, 2], [2, 20, 4])).toBe(2);
  });

  it('lanes take turns, and the first round does not count', async () => {
    const order: string[] = [];
    const lane = (name: string) => ({ name, run: async () => order.push(name) });
    const costs = await alternate([lane('a'), lane('b')], 2);
    expect(order.join('')).toBe('ababab');
    expect(costs.get('a')).toEqual([3, 5]);
    expect(costs.get('b')).toEqual([4, 6]);
  });
});

describe('results held to ours', () => {
  const compare = (peer: readonly number[], comparison = numbers(1e-3), equal: readonly EngineName[] = []) =>
    compareResults(
      'row',
      new Map([
        ['ours', [100, 2, 3]],
        ['PyTorch', peer],
      ]),
      comparison,
      equal,
    );

  it('numbers: the largest difference, relative to the largest value', () => {
    const { differences, notes } = compare([100, 2.05, 3]);
    expect(differences.get('PyTorch')).toBeCloseTo(5e-4, 10);
    expect(notes).toEqual([]);
    expect(compare([100, 2, 4]).notes).toEqual(['PyTorch differs from ours by 0.010 of the largest value']);
    expect(compare([100, 2, Number.NaN]).differences.get('PyTorch')).toBe(Number.POSITIVE_INFINITY);
  });

  it('ids: each one, however near', () => {
    expect(compare([100, 2, 3], ids, ['PyTorch']).notes).toEqual([]);
    expect(compare([100, 2, 4], ids).notes).toEqual(['PyTorch has other ids than ours in 33 % of places']);
  });

  it('an engine that must agree ends the benchmark, others are noted', () => {
    expect(() => compare([100, 2, 4], ids, ['PyTorch'])).toThrow(
      'row: PyTorch computes something else than we do: it has other ids than ours in 33 % of places',
    );
    expect(() => compare([100, 2], ids, ['PyTorch'])).toThrow(/it gives 2 numbers, we 3/);
    expect(compare([100, 2, 3, 4]).notes).toEqual(['PyTorch gives 4 numbers, we 3']);
  });
});

test('operator shares count the last run only', () => {
  const kernel = (op_name: string, ts: number, dur: number) => ({
    cat: 'Node',
    name: `${op_name}_kernel_time`,
    ts,
    dur,
    args: { op_name },
  });
  const run = (ts: number, dur: number) => ({ cat: 'Session', name: 'model_run', ts, dur });
  const trace = [
    { cat: 'Session', name: 'session_initialization', ts: 0, dur: 50 },
    run(100, 500),
    kernel('MatMul', 110, 400),
    run(1000, 2000),
    kernel('MatMul', 1010, 900),
    kernel('Add', 1920, 300),
    kernel('MatMul', 2230, 700),
    kernel('Scan', 2930, 60),
    // Inside the Scan: counted with it.
    kernel('Mul', 2930, 20),
    kernel('Add', 2960, 20),
  ];
  const shares = operatorShares('t', trace);
  expect(shares.totalMs).toBe(2);
  expect(shares.operators).toEqual([
    { name: 'MatMul', calls: 2, ms: 1.6, share: 0.8 },
    { name: 'Add', calls: 1, ms: 0.3, share: 0.15 },
    { name: 'Scan', calls: 1, ms: 0.06, share: 0.03 },
  ]);
  expect(matrixShare(shares)).toBe(0.8);
});

describe('the harness', () => {
  it('measures with tiny shapes and without peers', async () => {
    // Every row: test/full/bench.full.ts.
    const only = ['tokenize'];
    const results = await runBench({ quick: true, peers: false, threads: 1, only, command: 'test' });
    expect(resultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
    expect(results.rows.map(({ id }) => id)).toEqual(['tokenize']);
    for (const { lanes, compute, id } of results.rows) {
      expect(lanes[0]!.value, id).toBeGreaterThan(0);
      if (compute) expect(compute.share, id).toBeGreaterThan(0);
      const missing = lanes.slice(1).map((lane) => lane.missing);
      for (const command of missing) expect(command, id).toMatch(/^(npm ci|pip install)/);
    }
    const text = report(results);
    expect(text).toContain('not installed (`npm ci --prefix bench/peers`)');
    const document = `before\n${START}\nold\n${END}\nafter\n`;
    expect(insertReport(document, text)).toBe(`before\n${START}\n\n${text}\n\n${END}\nafter\n`);
  });

  it("repeats an engine's failure with its name", async () => {
    const context = await createContext({ quick: true, peers: false, threads: 1 });
    const client = context.engines[0]!.start(1);
    const settings = { directory: 'no-such-model', batch: 1, side: 16, threads: 1 };
    await expect(client.prepare('task', 'image', settings)).rejects.toThrow(/^ours: .*no-such-model/);
    await client.stop();
    await expect(client.run('task')).rejects.toThrow(/ours has ended/);
  });

  it('refuses a row that is not there', async () => {
    const only = ['imagee'];
    await expect(runBench({ quick: true, peers: false, only, command: 'test' })).rejects.toThrow(
      /no row imagee; there are image/,
    );
  });
});
