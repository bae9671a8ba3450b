import { describe, expect, it } from 'vitest';
import { branchTable, formatSpread, spreadOf, variantTable } from '../../../bench/ablation/table.ts';
import { variantsNamed } from '../../../bench/ablation/variants.ts';

const result = (variant: string, seed: number, textToImage: number) => ({
  variant,
  seed,
  measures: {
    textToImage,
    'branch Slavic': textToImage / 2,
    samplesPerSecond: 99.7,
    'chance crops': 1 / 192,
  },
});

describe('the ablation’s table', () => {
  it('averages over seeds, with the deviation of a sample', () => {
    expect(spreadOf([1, 2, 3, 6])).toEqual({ mean: 3, deviation: Math.sqrt(14 / 3), seeds: 4 });
    expect(spreadOf([5])).toEqual({ mean: 5, deviation: undefined, seeds: 1 });
    expect(() => spreadOf([])).toThrow(RangeError);
  });

  it('writes what was measured, and a dash where nothing was', () => {
    expect(formatSpread([0.4, 0.5], 'percent')).toBe('45.0 ± 7.1');
    expect(formatSpread([0.4], 'percent')).toBe('40.0');
    expect(formatSpread([], 'percent')).toBe('–');
    const variants = variantsNamed(['sigmoid', 'locca']);
    const results = [result('sigmoid', 0, 0.1), result('sigmoid', 1, 0.3)];
    const lines = variantTable(variants, results).split('\n');
    expect(lines).toHaveLength(5);
    expect(lines[2]).toBe('| sigmoid loss only | 20.0 ± 14.1 | – | – | – | – | – | – | – | 100 ± 0 |');
    expect(lines[3]).toContain('+ decoder (LocCa) | – |');
    expect(lines[4]).toMatch(/^\| chance \| {2}\| {2}\| {2}\| {2}\| 0\.5 \|/);
    expect(branchTable(variants, results)).toContain('| Slavic | 10.0 ± 7.1 | – |');
  });
});
