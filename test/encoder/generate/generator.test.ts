import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openWeights, type Weights } from '../../../src/checkpoint/huggingFace/weights.ts';
import { createGenerator, type Generator } from '../../../src/encoder/generate/generator.ts';
import { float32, type NdArray } from '../../../src/tensor/index.ts';
import { fixturePath, readFixture } from '../../support/fixtures.ts';
import { loccaFixtureConfig } from '../../support/loccaFixture.ts';

describe('a decoder that writes token by token', () => {
  let weights: Weights;
  let generator: Generator;
  let fixture: Map<string, NdArray>;
  beforeAll(async () => {
    fixture = await readFixture('locca/tied.safetensors');
    weights = await openWeights(fixturePath('locca/tied.safetensors'));
    generator = await createGenerator(loccaFixtureConfig('tied'), weights, { threads: 1 });
  });
  afterAll(async () => {
    await generator.dispose();
    await weights.close();
  });

  const idsOf = (row: number) =>
    Array.from(fixture.get('decoder_ids')!.data, Number).slice(row * 7, row * 7 + 7);
  const look = (image: number) => {
    const data = (fixture.get('tokens')!.data as Float32Array).slice(image * 5 * 16, (image + 1) * 5 * 16);
    return generator.look(float32([5, 16], data));
  };

  it('gives the probabilities of PyTorch for every token of every text', async () => {
    const losses = fixture.get('losses')!.data;
    for (let row = 0; row < 6; row++) {
      const ids = idsOf(row);
      const model = await generator.begin(await look(Math.floor(row / 3)), ids.slice(0, row % 2));
      let following = model.first;
      for (let t = row % 2; t < 7; t++) {
        // 1e-4: float32 against float64, two blocks deep.
        expect(following[ids[t]!]! + Number(losses[row * 7 + t])).toBeCloseTo(0, 4);
        expect(following.reduce((total, value) => total + Math.exp(value), 0)).toBeCloseTo(1, 4);
        if (t < 6) following = (await model.next([0], [ids[t]!]))[0]!;
      }
    }
  });

  it('follows several texts at once, in any order', async () => {
    const image = await look(1);
    const begin = async (prompt: number[]) => (await generator.begin(image, prompt)).first;
    const model = await generator.begin(image, [5]);
    const [a, b, c] = await model.next([0, 0, 0], [6, 7, 8]);
    const crossed = await model.next([2, 0, 2, 1], [9, 10, 11, 12]);
    const expected = await Promise.all(
      [
        [5, 6],
        [5, 7],
        [5, 8],
        [5, 8, 9],
        [5, 6, 10],
        [5, 8, 11],
        [5, 7, 12],
      ].map(begin),
    );
    [a!, b!, c!, ...crossed].forEach((row, i) => {
      row.forEach((value, token) => {
        expect(value).toBeCloseTo(expected[i]![token]!, 4);
      });
    });
    // The texts differ, so that a mix-up would show.
    expect(Math.abs(crossed[0]![3]! - crossed[2]![3]!)).toBeGreaterThan(1e-3);
  });

  it('never writes suppressed tokens, and refuses what does not fit', async () => {
    const image = await look(0);
    const { first, next } = await generator.begin(image, [], [4, 0]);
    expect([first[0], first[4]]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
    expect((await next([0], [5]))[0]![4]).toBe(Number.NEGATIVE_INFINITY);
    await expect(generator.begin(image, [1, 2, 3, 4, 5, 6, 7])).rejects.toThrow(/no room/);
    await expect(generator.look(float32([1, 3], [1, 2, 3]))).rejects.toThrow(/\[patches, 16\]/);
  });
});
