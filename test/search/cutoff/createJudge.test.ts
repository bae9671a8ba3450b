import { expect, test } from 'vitest';
import type { Embeddings } from '../../../src/encoder/embeddings.ts';
import { createJudge, type Judge, type QueryKind } from '../../../src/search/cutoff/createJudge.ts';
import { createRandom, float32 } from '../../../src/tensor/index.ts';

/** Made-up embeddings: a class is a direction; pictures and texts of it have so much of it, and noise. */
const WIDTH = 128;
const SCALARS = { logTemperature: Math.log(19), bias: -11.5 };
const random = createRandom(0, 'cut-off');

const direction = (): number[] => Array.from({ length: WIDTH }, () => random.normal());
const unit = (vector: readonly number[]): number[] => {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
};
const near = (centre: readonly number[], noise: number): number[] => {
  const other = unit(direction());
  return unit(unit(centre).map((value, i) => value + noise * other[i]!));
};
const rows = (vectors: readonly (readonly number[])[]): Embeddings =>
  float32([vectors.length, WIDTH], vectors.flat());

const classes = Array.from({ length: 400 }, direction);
const common = rows(classes.slice(0, 200).map((one) => near(one, 0.7)));
const picturesOf = (chosen: readonly number[]): Embeddings =>
  rows(chosen.map((one) => near(classes[one]!, 0.7)));
const textOf = (one: number): Float32Array => Float32Array.from(near(classes[one]!, 0.7));

const judgeOver = (sample: Embeddings, count = sample.shape[0]!): Judge =>
  createJudge({ scalars: SCALARS, sample, common, count });

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const fitting = (verdicts: ReturnType<Judge>): number[] =>
  verdicts.flatMap(({ fits }, i) => (fits ? [i] : []));

test('what is there fits, what is not there does not', () => {
  const pictures = picturesOf(range(200, 300));
  const judge = judgeOver(pictures);
  const right = range(200, 215).filter(
    (one) => fitting(judge(textOf(one), pictures, 'text'))[0] === one - 200,
  );
  const nothing = range(300, 315).filter((one) => fitting(judge(textOf(one), pictures, 'text')).length === 0);
  expect(right.length).toBeGreaterThan(12);
  expect(nothing.length).toBeGreaterThan(12);
});

test.each([1, 2, 10])('a collection of %i pictures', (n) => {
  const pictures = picturesOf(range(200, 200 + n));
  const judge = judgeOver(pictures);
  expect(fitting(judge(textOf(200), pictures, 'text'))).toEqual([0]);
  expect(fitting(judge(textOf(300), pictures, 'text'))).toEqual([]);
});

test('a folder of one thing: all fit it, and nothing fits another', () => {
  for (const noise of [0.7, 0.01]) {
    const pictures = rows(range(0, 60).map(() => near(classes[250]!, noise)));
    const judge = judgeOver(pictures);
    expect(fitting(judge(textOf(250), pictures, 'text')).length).toBeGreaterThan(55);
    expect(fitting(judge(textOf(300), pictures, 'text'))).toEqual([]);
  }
});

test('a query that scores the same over the whole collection fits nothing', () => {
  const pictures = picturesOf(range(200, 300));
  const mean = range(0, WIDTH).map((k) =>
    range(0, 100).reduce((sum, i) => sum + pictures.data[i * WIDTH + k]!, 0),
  );
  expect(fitting(judgeOver(pictures)(Float32Array.from(unit(mean)), pictures, 'text'))).toEqual([]);
});

/** With one more value at the end of every vector, which need not be of unit length. */
const longer = ({ shape, data }: Embeddings, last: (row: number) => number): Embeddings =>
  float32(
    [shape[0]!, WIDTH + 1],
    range(0, shape[0]!).flatMap((i) => [...data.subarray(i * WIDTH, (i + 1) * WIDTH), last(i)]),
  );

const probabilities = (verdicts: ReturnType<Judge>): number[] =>
  verdicts.map(({ probability }) => probability);

test.each<QueryKind>(['text', 'image'])(
  '%s: a higher score is not less probable, and more pictures not more',
  (kind) => {
    const pictures = longer(picturesOf(range(200, 300)), () => 0);
    const judge = createJudge({
      scalars: SCALARS,
      sample: pictures,
      common: longer(common, () => 0),
      count: 100,
    });
    // One picture at other heights: only its score on this query differs.
    const heights = longer(picturesOf(Array(12).fill(350)), (i) => i / 10);
    for (let i = 1; i < 12; i++) heights.data.copyWithin(i * (WIDTH + 1), 0, WIDTH);
    const query = Float32Array.of(...textOf(205), 1);
    const among = (count: number) => probabilities(judge(query, heights, kind, count));
    expect(among(100)).toEqual(among(100).toSorted((a, b) => a - b));
    expect(among(100).at(-1)).toBeGreaterThan(among(100)[0]!);
    for (const [i, one] of among(10_000).entries()) expect(one).toBeLessThan(among(100)[i]!);
  },
);

test('what all scores have in common is nothing: a gap between texts and pictures, and the bias', () => {
  const pictures = picturesOf(range(200, 300));
  const query = textOf(205);
  const withGap = (gap: number, bias: number) =>
    createJudge({
      scalars: { ...SCALARS, bias },
      sample: longer(pictures, () => gap),
      common: longer(common, () => 1),
      count: 100,
    })(
      Float32Array.of(...query, 1),
      longer(pictures, () => gap),
      'text',
    );
  const plain = probabilities(withGap(0, -11));
  for (const [i, one] of probabilities(withGap(0.3, -16)).entries()) expect(one).toBeCloseTo(plain[i]!, 5);
});

test('equal input gives equal verdicts; no candidates give none; another width is refused', () => {
  const pictures = picturesOf(range(200, 230));
  const query = textOf(205);
  expect(judgeOver(pictures)(query, pictures, 'text')).toEqual(judgeOver(pictures)(query, pictures, 'text'));
  expect(judgeOver(pictures)(query, rows([]), 'text')).toEqual([]);
  expect(judgeOver(rows([]), 0)(query, pictures, 'text')).toHaveLength(30);
  expect(() => judgeOver(pictures)(query.subarray(1), pictures, 'text')).toThrow(RangeError);
});
