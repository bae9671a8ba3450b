import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Box,
  boxArea,
  intersectionOverUnion,
  normaliseBox,
  scaleBox,
} from '../../../src/input/image/box.ts';

const SIDE = 12;

/** Boxes with whole-number corners, empty and reversed ones among them. */
const boxes = fc
  .tuple(...[0, 1, 2, 3].map(() => fc.integer({ min: 0, max: SIDE })))
  .map(([y1, x1, y2, x2]): Box => ({ y1: y1!, x1: x1!, y2: y2!, x2: x2! }));

/** Counts the unit squares that a box covers. */
function cells({ y1, x1, y2, x2 }: Box): Set<number> {
  const result = new Set<number>();
  for (let y = y1; y < y2; y++) for (let x = x1; x < x2; x++) result.add(y * SIDE + x);
  return result;
}

describe('boxes', () => {
  it('have the area and the intersection over union of the cells they cover', () => {
    fc.assert(
      fc.property(boxes, boxes, (a, b) => {
        const [inA, inB] = [cells(a), cells(b)];
        const shared = [...inA].filter((cell) => inB.has(cell)).length;
        const union = inA.size + inB.size - shared;
        expect(boxArea(a)).toBe(inA.size);
        expect(intersectionOverUnion(a, b)).toBe(union === 0 ? 0 : shared / union);
      }),
    );
  });

  it('have the same overlap in pixels and normalised, by hand', () => {
    const [a, b] = [
      { y1: 0, x1: 0, y2: 10, x2: 20 },
      { y1: 5, x1: 10, y2: 15, x2: 30 },
    ];
    // 5 × 10 of 200 + 200 − 50.
    expect(intersectionOverUnion(a, b)).toBeCloseTo(50 / 350, 12);
    const size = { height: 40, width: 50 };
    expect(normaliseBox(a, size)).toEqual({ y1: 0, x1: 0, y2: 0.25, x2: 0.4 });
    expect(intersectionOverUnion(normaliseBox(a, size), normaliseBox(b, size))).toBeCloseTo(50 / 350, 12);
    expect(scaleBox(a, 2, 3)).toEqual({ y1: 0, x1: 0, y2: 20, x2: 60 });
  });
});
