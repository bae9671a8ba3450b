import { describe, expect, it } from 'vitest';
import { balance, isKept } from '../../../src/data/balance/balance.ts';
import { BALANCE_DEFAULTS, createBalancer } from '../../../src/data/balance/balancer.ts';
import { type BalanceExample, type BalanceSchema, momentsOf } from '../../../src/data/balance/example.ts';
import type { BalanceRow } from '../../../src/data/balance/report.ts';
import { createRandom } from '../../../src/tensor/random.ts';

const schema: BalanceSchema = {
  attributes: [{ name: 'female', target: 0.5 }],
  labels: ['nurse', 'doctor'],
};
const alone: BalanceSchema = { ...schema, labels: [] };

interface Bias {
  /** P(s = 1). */
  readonly rate: number;
  /** P(label | s) for s = 0 and s = 1. */
  readonly nurse: readonly [number, number];
  readonly doctor: readonly [number, number];
  /** Share of examples that show no attribute. */
  readonly unseen?: number;
}

function draw(count: number, bias: Bias): BalanceExample[] {
  const random = createRandom(3, 'bias');
  const coin = (probability: number) => (random.next() < probability ? 1 : 0);
  return Array.from({ length: count }, () => {
    const s = coin(bias.rate);
    const labels = [coin(bias.nurse[s]), coin(bias.doctor[s])] as const;
    return { attributes: [coin(bias.unseen ?? 0) ? undefined : s], labels };
  });
}

/** Means of q·a, straight from the definition. */
function gaps(of: BalanceSchema, examples: readonly BalanceExample[], keep: ArrayLike<number>): number[] {
  const sums = new Array<number>(of.attributes.length * (of.labels.length + 1)).fill(0);
  examples.forEach((example, i) => {
    momentsOf(of, example).forEach((moment, j) => {
      sums[j]! += (keep[i]! * moment) / examples.length;
    });
  });
  return sums;
}

const biased: Bias = { rate: 0.42, nurse: [0.05, 0.15], doctor: [0.2, 0.1] };

describe('balancing', () => {
  it('brings every gap below its tolerance and keeps most of the data', () => {
    const examples = draw(20_000, biased);
    const { keepProbabilities, report } = balance(schema, examples);
    // The pass promises ε + v/(stepSize·T); dual variables stay below 2 here, which makes 0.001.
    const slack = 2 / (BALANCE_DEFAULTS.stepSize * examples.length);
    for (const row of report.rows) {
      expect(Math.abs(row.before), row.label).toBeGreaterThan(row.tolerance);
      expect(Math.abs(row.after), row.label).toBeLessThan(row.tolerance + slack);
    }
    expect(report.rows.map((row) => row.after)).toEqual(
      gaps(schema, examples, keepProbabilities).map((gap) => expect.closeTo(gap, 10)),
    );
    expect(report.kept).toBeGreaterThan(0.75);
    expect(Math.min(...keepProbabilities)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...keepProbabilities)).toBeLessThanOrEqual(1);
  });

  it('keeps as much as can be kept', () => {
    // One attribute at rate p > ½: the best is q = (1 − p + 2ε)/p on its side, which keeps 2(1 − p + ε).
    const examples = strip(draw(20_000, { rate: 0.7, nurse: [0, 0], doctor: [0, 0] }));
    const p = examples.filter(({ attributes }) => attributes[0] === 1).length / examples.length;
    const { report } = balance(alone, examples, { representationTolerance: 0.02 });
    const best = 2 * (1 - p + 0.02);
    expect(report.kept).toBeLessThan(best + 0.002);
    expect(report.kept).toBeGreaterThan(best - 0.01);
  });

  it('leaves balanced data alone', () => {
    // Alternating, so that the balance holds at every moment and not only in the mean.
    const examples = Array.from({ length: 4000 }, (_, i): BalanceExample => {
      const labels = [Math.floor(i / 2) % 5 === 0 ? 1 : 0, 0] as const;
      return { attributes: [i % 2 === 0 ? 1 : 0], labels };
    });
    const { keepProbabilities, report } = balance(schema, examples, { stepSize: 0.01 });
    expect(report.kept).toBeGreaterThan(0.995);
    expect(keepProbabilities.filter((keep) => keep < 0.95)).toHaveLength(0);
  });

  it('never touches examples that show no attribute', () => {
    const examples = draw(5000, { ...biased, rate: 0.8, unseen: 0.3 });
    const { keepProbabilities } = balance(schema, examples);
    const unseen = examples.flatMap(({ attributes }, i) => (attributes[0] === undefined ? [i] : []));
    expect(unseen.length).toBeGreaterThan(1000);
    expect(unseen.every((i) => keepProbabilities[i] === 1)).toBe(true);
  });

  it('takes undefined, null and a hole for an attribute that is not shown', () => {
    const examples = draw(4000, { ...biased, unseen: 0.3 });
    const as = (absent: null | undefined) =>
      examples.map(({ attributes, labels }) => ({ attributes: [attributes[0] ?? absent], labels }));
    const plain = balance(schema, as(undefined));
    expect(balance(schema, as(null))).toEqual(plain);
    const holes = examples.map(({ attributes, labels }) => ({
      attributes: attributes[0] === undefined ? Array<undefined>(1) : attributes,
      labels,
    }));
    expect(balance(schema, holes)).toEqual(plain);
    expect(plain.report.kept).toBeGreaterThan(0.7);
  });

  it.each([
    [
      'attributes',
      Number.NaN,
      /^examples\[2\]: female is NaN; it must be 0, 1, or null where it is not shown$/,
    ],
    ['attributes', 0.5, /examples\[2\]: female is 0.5/],
    ['attributes', true, /examples\[2\]: female is true/],
    ['labels', Number.NaN, /examples\[2\]: nurse is NaN; it must be 0 or 1/],
    ['labels', undefined, /examples\[2\]: nurse is undefined/],
  ])('refuses %s of %s by example and name, and a stream goes on behind it', (field, value, message) => {
    const examples = draw(200, biased);
    const odd = { ...examples[2]!, [field]: field === 'labels' ? [value, 0] : [value] } as BalanceExample;
    expect(() => balance(schema, examples.with(2, odd))).toThrow(message);
    const [clean, other] = [createBalancer(schema), createBalancer(schema)];
    expect(() => other.next(odd)).toThrow(/^example 0: /);
    for (const example of examples) expect(other.next(example)).toBe(clean.next(example));
  });

  it('is deterministic', () => {
    const examples = draw(2000, biased);
    expect(balance(schema, examples)).toEqual(balance(schema, examples));
  });

  it('of a small set gains from another pass', () => {
    const examples = draw(1500, { ...biased, rate: 0.3 });
    const worst = (passes: number) => {
      const { rows } = balance(schema, examples, { passes, stepSize: 0.05 }).report;
      return Math.max(...rows.map(({ after, tolerance }) => Math.abs(after) - tolerance));
    };
    expect(worst(3)).toBeLessThan(worst(1));
    // A pass leaves (change of v)/(stepSize·T), and after two v only wavers: 0.3/(0.05·1500).
    expect(worst(3)).toBeLessThan(0.004);
  });

  it('a small penalty gives up balance for data', () => {
    const examples = draw(5000, { ...biased, rate: 0.8 });
    const [strict, lenient] = [
      balance(alone, strip(examples)),
      balance(alone, strip(examples), { penalty: 0.2 }),
    ];
    expect(lenient.report.kept).toBeGreaterThan(strict.report.kept);
    // With v ≤ 0.2 and moments of ½ no example falls below 0.9.
    expect(Math.min(...lenient.keepProbabilities)).toBeCloseTo(0.9, 6);
  });
});

const strip = (examples: readonly BalanceExample[]): BalanceExample[] =>
  examples.map(({ attributes }) => ({ attributes, labels: [] }));

describe('the report', () => {
  it('counts rates among those that show the attribute', () => {
    const examples: BalanceExample[] = [
      { attributes: [1], labels: [1, 0] },
      { attributes: [1], labels: [0, 0] },
      { attributes: [0], labels: [1, 0] },
      { attributes: [undefined], labels: [1, 0] },
    ];
    const { rows, examples: count } = balance(schema, examples, { stepSize: 1e-9 }).report;
    expect(count).toBe(4);
    const summary = rows.map(({ kind, label, before, rateBefore }: BalanceRow) => [
      kind,
      label,
      before,
      rateBefore,
    ]);
    expect(summary).toEqual([
      ['representation', undefined, 0.125, 2 / 3],
      ['association', 'nurse', 0, 0.5],
      ['association', 'doctor', 0, undefined],
    ]);
  });
});

describe('keeping', () => {
  it('is a coin of the key, in the given share', () => {
    const keys = Array.from({ length: 4000 }, (_, i) => `image ${i}`);
    const kept = keys.filter((key) => isKept(0.25, 1, key));
    // Standard deviation 27.
    expect(Math.abs(kept.length - 1000)).toBeLessThan(110);
    expect(keys.toReversed().filter((key) => isKept(0.25, 1, key)).length).toBe(kept.length);
    expect(keys.some((key) => isKept(0, 1, key)) || !keys.every((key) => isKept(1, 1, key))).toBe(false);
  });
});

describe('faults', () => {
  it('are named', () => {
    const example = { attributes: [1, 0], labels: [0, 0] } as const;
    expect(() => balance(schema, [example])).toThrow(/2 attributes and 2 labels, the schema 1 and 2/);
    expect(() => balance({ attributes: [], labels: [] }, [])).toThrow(/at least one attribute/);
    expect(() => balance({ attributes: [{ name: 'a', target: 2 }], labels: [] }, [])).toThrow(
      /rate of a is 2/,
    );
    expect(() => balance({ attributes: [{ name: 'a', target: 1 }], labels: ['a'] }, [])).toThrow(
      /a is named twice/,
    );
    expect(() => balance(schema, [], { passes: 0 })).toThrow(/passes is 0/);
    expect(balance(schema, []).report).toMatchObject({ examples: 0, kept: 1 });
  });
});
