import { expect, it } from 'vitest';
import { spreadOf } from '../../../../src/search/query/vectors/background.ts';
import { combine } from '../../../../src/search/query/vectors/combine.ts';
import { rankValue } from '../../../../src/search/query/vectors/penalty.ts';

const vector = (...values: number[]) => Float32Array.from(values);

it('parts of one kind are their mean direction; kinds count by how far apart their cosines lie', () => {
  const [x, y] = [vector(1, 0), vector(0, 1)];
  const one = () => 1;
  expect(combine({ texts: [x], images: [] }, one)).toEqual(x);
  expect([...combine({ texts: [x, y], images: [] }, one)]).toEqual([
    Math.fround(Math.SQRT1_2),
    Math.fround(Math.SQRT1_2),
  ]);
  const mixed = combine({ texts: [x], images: [y] }, (part) => (part[0]! > 0.5 ? 0.1 : 0.4));
  expect(mixed[0]! / mixed[1]!).toBeCloseTo(4, 5);
  expect(Math.hypot(...mixed)).toBeCloseTo(1, 6);
});

it('spreads are those of the pictures; so few as make none count alike', () => {
  const rows = Float32Array.from({ length: 16 }, (_, i) => (i % 2 === 0 ? i / 16 : 0));
  const { mean, deviation } = spreadOf({ width: 2, rows }, vector(1, 0));
  expect(mean).toBeCloseTo(7 / 16, 6);
  expect(deviation).toBeCloseTo(((Math.sqrt(21) / 16) * 2) / 2, 6);
  expect(spreadOf({ width: 2, rows: rows.subarray(0, 8) }, vector(1, 0))).toEqual({ mean: 0, deviation: 1 });
  const same = Float32Array.from({ length: 40 }, () => 0.5);
  expect(spreadOf({ width: 2, rows: same }, vector(1, 0)).deviation).toBeGreaterThan(0);
});

it('a picture loses by what it shows of the unwanted, and nothing where it shows none of it', () => {
  const spread = { mean: 0.1, deviation: 0.05 };
  const value = (score: number) => rankValue(0.3, spread, [{ score, spread }]);
  expect(rankValue(0.3, spread, [])).toBeCloseTo(4, 10);
  expect(value(-0.5)).toBeCloseTo(4, 10);
  expect(value(0.15)).toBeCloseTo(4, 10);
  expect(value(0.3)).toBeCloseTo(2, 10);
});
