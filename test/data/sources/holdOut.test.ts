import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withCaptionIds } from '../../../src/data/batches/captionIds.ts';
import type { Read } from '../../../src/data/samples/sample.ts';
import { classesOf, heldOut, subset } from '../../../src/data/sources/holdOut.ts';
import { int32 } from '../../../src/tensor/index.ts';

const captioned = (...texts: string[]) => ({ captions: texts.map((text) => ({ text })) });

describe('heldOut', () => {
  const kinds = [...Array(20).fill('cat'), ...Array(4).fill('dog'), 'lone'];

  it('takes its share of each kind, and nothing of a kind of one', () => {
    const out = heldOut(kinds, 0.25, 0);
    const of = (kind: string) => out.filter((i) => kinds[i] === kind).length;
    expect([of('cat'), of('dog'), of('lone')]).toEqual([5, 1, 0]);
    expect(out).toEqual([...new Set(out)].sort((a, b) => a - b));
    expect(heldOut(kinds, 0.01, 0)).toHaveLength(1);
    expect(heldOut(kinds, 0, 0)).toEqual([]);
  });

  it('is no more than the share where kinds are small', () => {
    const pairs = Array.from({ length: 40 }, (_, i) => `class ${i >> 1}`);
    const out = heldOut(pairs, 0.1, 0);
    expect(out).toHaveLength(4);
    expect(new Set(out.map((i) => pairs[i])).size).toBe(4);
  });

  it('is the share of all, within each kind less than all, for any sizes', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.001, max: 1, noNaN: true }), (counts, share) => {
        const all = counts.flatMap((count, kind) => Array<string>(count).fill(String(kind)));
        const out = heldOut(all, share, 1);
        const most = all.length - counts.length;
        expect(out).toHaveLength(Math.min(most, Math.max(1, Math.round(share * all.length))));
        counts.forEach((count, kind) => {
          const own = out.filter((i) => all[i] === String(kind)).length;
          expect(own).toBeLessThan(count);
        });
      }),
    );
  });

  it.each([Number.NaN, -0.1, 1.5])('refuses a share of %d', (share) => {
    expect(() => heldOut(kinds, share, 0)).toThrow(/share is .*it must be a number from 0 to 1/);
  });

  it('is decided by the seed', () => {
    expect(heldOut(kinds, 0.25, 3)).toEqual(heldOut(kinds, 0.25, 3));
    expect(heldOut(kinds, 0.25, 3)).not.toEqual(heldOut(kinds, 0.25, 4));
  });

  it('leaves the rest as a source', async () => {
    const read = async (index: number): Promise<Read> => ({
      sample: { key: String(index), image: 'x.png', source: 's', captions: [] },
    });
    const part = subset({ kind: 'indexed', name: 's', size: 5, read }, [1, 4]);
    expect([part.size, (await part.read(1)).sample?.key]).toEqual([2, '4']);
  });
});

describe('classesOf', () => {
  it('finds classes where captions repeat, and none where they describe', () => {
    expect(classesOf([captioned('dog'), captioned('cat'), captioned('dog'), captioned('cat')])).toEqual([
      'cat',
      'dog',
    ]);
    expect(classesOf([captioned('dog'), captioned('cat'), captioned('dog')])).toBeUndefined();
    expect(classesOf([captioned('dog', 'pet'), ...Array(5).fill(captioned('cat'))])).toBeUndefined();
    expect(classesOf(Array(5).fill(captioned('cat')))).toBeUndefined();
  });
});

describe('withCaptionIds', () => {
  it('counts equal texts as one, and leaves copies of an image together', () => {
    // Images 0 and 2 have one text; image 3 is image 1 again with another text.
    const arrays = {
      image_ids: int32([5], [0, 1, 2, 1, 4]),
      text_ids: int32([5], [0, 1, 2, 1, 4]),
      input_ids: int32([5, 2], [7, 1, 8, 1, 7, 1, 9, 1, 71, 1]),
    };
    const { image_ids, text_ids, input_ids } = withCaptionIds(arrays);
    expect([...image_ids!.data]).toEqual([0, 1, 0, 1, 4]);
    expect([...text_ids!.data]).toEqual([0, 1, 0, 1, 4]);
    expect(input_ids).toBe(arrays.input_ids);
  });
});
