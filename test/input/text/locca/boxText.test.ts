import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOX_FORMAT, findBox, formatBox, parseBox } from '../../../../src/input/text/locca/boxText.ts';

const BOX = { y1: 0.1, x1: 0.2, y2: 0.5, x2: 1 };

describe('boxes as text', () => {
  it('are y1 x1 y2 x2 in 0 … 500', () => {
    expect(formatBox(BOX)).toBe('50 100 250 500');
    expect(formatBox({ y1: -0.1, x1: 0, y2: 1.2, x2: 0.0009 })).toBe('0 0 500 0');
    expect(
      formatBox({ y1: 0.5, x1: 0.25, y2: 1, x2: 0.75 }, { maximum: 999, order: ['x1', 'y1', 'x2', 'y2'] }),
    ).toBe('250 500 749 999');
  });

  it('are read back to within half a step, in every order', () => {
    const share = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
    const order = fc.shuffledSubarray([...BOX_FORMAT.order], { minLength: 4 });
    const maximum = fc.integer({ min: 1, max: 2000 });
    fc.assert(
      fc.property(share, share, share, share, order, maximum, (a, b, c, d, keys, most) => {
        const box = { y1: Math.min(a, b), y2: Math.max(a, b), x1: Math.min(c, d), x2: Math.max(c, d) };
        const format = { maximum: most, order: keys };
        const text = formatBox(box, format);
        const read = parseBox(text, format)!;
        for (const key of BOX_FORMAT.order)
          expect(Math.abs(read[key] - box[key])).toBeLessThan(0.5 / most + 1e-9);
        expect(findBox(`at [${text.replaceAll(' ', ', ')}] there`, format)).toEqual(read);
      }),
    );
  });

  it.each([
    '',
    '1 2 3',
    '1 2 3 4 5',
    '1  2 3 4',
    ' 1 2 3 4',
    '1 2 3 501',
    '9 2 3 4',
    '1 9 3 4',
    '01 2 3 4',
    '-1 2 3 4',
    '1.5 2 3 4',
    'a b c d',
  ])('strictly, %j is no box', (text) => {
    expect(parseBox(text)).toBeUndefined();
  });

  it('leniently, numbers are cut off, edges swapped, and the rest ignored', () => {
    expect(findBox('900 250 100 0 7')).toEqual({ y1: 0.2, x1: 0, y2: 1, x2: 0.5 });
    expect(findBox('<box>(0,0),(500,500)</box>')).toEqual({ y1: 0, x1: 0, y2: 1, x2: 1 });
    expect(findBox('three: 1 2 3')).toBeUndefined();
  });

  it('a coordinate that is no number is refused', () => {
    expect(() => formatBox({ ...BOX, x1: Number.NaN })).toThrow(/x1 = NaN/);
  });
});
