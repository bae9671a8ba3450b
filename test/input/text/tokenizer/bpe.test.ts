import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createMerger,
  mergeRanks,
  mergeWord,
  separableWords,
  splitWords,
} from '../../../../src/input/text/tokenizer/bpe.ts';
import { trimmedReference } from '../fixtures.ts';

/** The definition of byte-pair encoding, one merge at a time over the whole list. */
function plainMerge(word: string, merges: readonly string[]): string[] {
  const pieces = Array.from(word);
  for (;;) {
    const ranks = pieces.slice(1).map((right, i) => merges.indexOf(`${pieces[i]} ${right}`));
    const best = Math.min(...ranks.filter((rank) => rank >= 0));
    if (!Number.isFinite(best)) return pieces;
    const at = ranks.indexOf(best);
    pieces.splice(at, 2, `${pieces[at]}${pieces[at + 1]}`);
  }
}

const letters = fc.stringMatching(/^[ab▁]{0,24}$/);
/** Merge lists over two letters and "▁", in which overlapping and repeated merges are frequent. */
const mergeLists = fc.uniqueArray(
  fc
    .tuple(fc.stringMatching(/^[ab▁]{1,3}$/), fc.stringMatching(/^[ab▁]{1,3}$/))
    .map((pair) => pair.join(' ')),
  { maxLength: 30 },
);

describe('mergeWord', () => {
  test('property: equals the definition, and reports the merges it makes', () => {
    fc.assert(
      fc.property(letters, mergeLists, (word, merges) => {
        let made = 0;
        const pieces = mergeWord(word, mergeRanks(merges), (left, right) => {
          expect(merges).toContain(`${left} ${right}`);
          made++;
        });
        expect(pieces).toEqual(plainMerge(word, merges));
        expect(pieces.length + made).toBe(Array.from(word).length);
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  test('both forms of a merge list are read', () => {
    expect(mergeRanks(['a b', 'c d'])).toEqual(
      mergeRanks([
        ['a', 'b'],
        ['c', 'd'],
      ]),
    );
  });

  test('a long word takes n log n steps, not n²', () => {
    const ranks = mergeRanks(['a a', 'aa aa', 'aaaa aaaa']);
    const started = performance.now();
    expect(mergeWord('a'.repeat(200_000), ranks)).toHaveLength(25_000);
    // About 0.3 s; n² steps would take minutes.
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});

describe('word by word', () => {
  const { vocab, merges } = trimmedReference.tokenizerJson['model'] as {
    vocab: Record<string, number>;
    merges: string[];
  };
  const ranks = mergeRanks(merges);

  test('Gemma can be cut at words; a piece with "▁" inside could not', () => {
    expect(separableWords(Object.keys(vocab))).toBe(true);
    expect(separableWords(['a', '▁', '▁▁', '▁▁a'])).toBe(true);
    expect(separableWords(['a▁'])).toBe(false);
    expect(separableWords(['▁a▁b'])).toBe(false);
  });

  test('property: words join to the text and give the same pieces', () => {
    const text = fc.stringMatching(/^[ -~▁äж字]{0,60}$/).map((raw) => raw.replaceAll(' ', '▁'));
    fc.assert(
      fc.property(text, (raw) => {
        expect(splitWords(raw).join('')).toBe(raw);
        expect([...createMerger(ranks, true)(raw)]).toEqual([...createMerger(ranks, false)(raw)]);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  test('words are merged as their pieces are asked for', () => {
    let looks = 0;
    const ranks = new (class extends Map<string, number> {
      override get(key: string) {
        looks++;
        return super.get(key);
      }
    })([['a b', 0]]);
    const text = Array.from({ length: 1000 }, (_, i) => `▁${i}`).join('');
    const pieces = createMerger(ranks, true)(text)[Symbol.iterator]();
    for (let i = 0; i < 4; i++) pieces.next();
    expect(looks).toBeLessThan(10);
  });

  test('more words than are remembered', () => {
    const segment = createMerger(mergeRanks(['a b']), true);
    const merge = (text: string) => [...segment(text)];
    for (let i = 0; i < 60_000; i++) merge(`▁${i}`);
    expect(merge('▁ab')).toEqual(['▁', 'ab']);
    expect(merge('▁7')).toEqual(['▁', '7']);
  });
});
