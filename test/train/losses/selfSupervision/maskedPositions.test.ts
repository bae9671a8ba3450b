import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../src/tensor/random.ts';
import {
  drawMaskedPositions,
  maskedCount,
} from '../../../../src/train/losses/selfSupervision/maskedPositions.ts';

describe('masked positions', () => {
  it("are exactly half of each image's patches, each once, ascending", () => {
    const { shape, data, dtype } = drawMaskedPositions(createRandom(1, 'mask', 0), 7, 16);
    expect(dtype).toBe('int32');
    expect(shape).toEqual([7, 8]);
    for (let i = 0; i < 7; i++) {
      const row = [...data.subarray(i * 8, (i + 1) * 8)];
      expect(row).toEqual([...new Set(row)].sort((a, b) => a - b));
      expect(Math.min(...row)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...row)).toBeLessThan(16);
    }
  });

  it('are the same for the same stream and differ from image to image and step to step', () => {
    const draw = (step: number) => drawMaskedPositions(createRandom(1, 'mask', step), 2, 64).data;
    expect(draw(3)).toEqual(draw(3));
    expect(draw(3)).not.toEqual(draw(4));
    expect(draw(3).slice(0, 32)).not.toEqual(draw(3).slice(32));
  });

  it('cover every position alike', () => {
    const { data } = drawMaskedPositions(createRandom(2), 4000, 16);
    const counts = new Array<number>(16).fill(0);
    for (const position of data) counts[position]! += 1;
    // Binomial, 4000 draws of probability ½: deviation 32; five of them.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(160);
  });

  it('round down where half is not whole, and leave some', () => {
    expect(maskedCount(729, 0.5)).toBe(364);
    expect(() => maskedCount(1, 0.5)).toThrow(/masks 0/);
    expect(() => maskedCount(16, 1)).toThrow(/masks 16/);
    expect(() => maskedCount(16, Number.NaN)).toThrow(/ratio is NaN/);
  });
});
