import { describe, expect, it } from 'vitest';
import { type LoccaExample, loccaBatch } from '../../../../src/data/batches/loccaBatch.ts';
import { LOCCA_TASKS } from '../../../../src/input/text/locca/format.ts';

/** One id per character, from 4. */
const tokenizer = {
  pieceIds: (text: string) => Array.from(text, (letter) => (letter.codePointAt(0)! % 90) + 4),
};

const box = { y1: 0, x1: 0, y2: 1, x2: 1 };
const example: LoccaExample = {
  caption: 'two apples',
  referring: { box, caption: 'apple' },
  groundedCaptioning: { box, caption: 'left' },
};
const options = { seed: 5, length: 40 };

describe("the decoder's batches", () => {
  it('have K rows per image, with weights after the prefix up to eos', () => {
    const batch = loccaBatch([example, { caption: 'x' }], tokenizer, options, 0);
    expect(batch.decoder_ids.shape).toEqual([6, 40]);
    const row = (i: number) => batch.decoder_ids.data.subarray(i * 40, (i + 1) * 40);
    const weights = (i: number) => [...batch.decoder_weights.data.subarray(i * 40, (i + 1) * 40)];
    const text = 'ARef: apple : 0 0 500 500';
    expect([...row(1)]).toEqual([...tokenizer.pieceIds(text), 1, ...new Array(40 - text.length - 1).fill(0)]);
    expect(weights(1)).toEqual(
      Array.from({ length: 40 }, (_, i) => (i >= 'ARef:'.length && i <= text.length ? 1 : 0)),
    );
    expect([...row(2)].slice(0, 5)).toEqual(tokenizer.pieceIds('GCap:'));
    expect([...row(3)].slice(0, 6)).toEqual([...tokenizer.pieceIds('Cap: x')]);
    // The second image has no regions.
    for (const i of [4, 5]) expect([...row(i), ...weights(i)].every((value) => value === 0)).toBe(true);
  });

  it('predict half of the captions in parallel, and nothing else', () => {
    const count = 400;
    const examples = new Array<LoccaExample>(count).fill(example);
    const { data } = loccaBatch(examples, tokenizer, options, 3).decoder_parallel;
    const captions = data.filter((_, row) => row % 3 === 0);
    const share = captions.reduce((total, value) => total + value, 0) / count;
    // Five standard deviations of 400 draws.
    expect(Math.abs(share - 0.5)).toBeLessThan(0.125);
    expect(data.some((value, row) => row % 3 > 0 && value > 0)).toBe(false);
    const always = loccaBatch(
      examples,
      tokenizer,
      { ...options, parallelProbability: 1 },
      3,
    ).decoder_parallel;
    expect(always.data.filter((value) => value === 1)).toHaveLength(count);
  });

  it('draw by seed, step and index alone', () => {
    const examples = new Array<LoccaExample>(64).fill(example);
    const drawn = (seed: number, step: number, tasks: (typeof LOCCA_TASKS)[number][] = [...LOCCA_TASKS]) => {
      const { data } = loccaBatch(examples, tokenizer, { ...options, seed, tasks }, step).decoder_parallel;
      return data.filter((_, row) => row % tasks.length === 0).join('');
    };
    expect(drawn(5, 1)).toBe(drawn(5, 1));
    expect(drawn(5, 1)).toBe(drawn(5, 1, ['captioning']));
    expect(drawn(5, 1)).not.toBe(drawn(5, 2));
    expect(drawn(5, 1)).not.toBe(drawn(6, 1));
  });

  it('list the learnt positions where asked', () => {
    const listed = loccaBatch([example], tokenizer, { ...options, lossPositions: 100 }, 0);
    const positions = [...listed.decoder_positions!.data];
    const learnt = [...listed.decoder_weights.data.keys()].filter((i) => listed.decoder_weights.data[i]! > 0);
    expect(positions).toEqual([...learnt, ...new Array(100 - learnt.length).fill(0)]);
    expect(listed.decoder_weights.data[0]).toBe(0);
    expect(() => loccaBatch([example], tokenizer, { ...options, lossPositions: 20 }, 0)).toThrow(
      /lossPositions is 20/,
    );
  });
});
