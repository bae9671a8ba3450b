import { describe, expect, it } from 'vitest';
import { createRandom, philox } from '../../src/tensor/random.ts';

describe('philox', () => {
  // Known answers of Random123's kat_vectors for philox4x32-10.
  it.each([
    [
      [0, 0, 0, 0, 0, 0],
      [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
      [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
      [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
      [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0],
      [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
  ])('gives the reference answer for %j', (input, expected) => {
    const out = new Uint32Array(4);
    philox(input[0]!, input[1]!, input[2]!, input[3]!, input[4]!, input[5]!, out);
    expect([...out]).toEqual(expected);
  });
});

function draw(count: number, sample: () => number): number[] {
  return Array.from({ length: count }, sample);
}

function moments(values: number[]): { mean: number; variance: number } {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
  return { mean, variance };
}

describe('createRandom', () => {
  it('repeats a stream by name and separates streams by seed, label and label type', () => {
    const first = (seed: number, ...labels: (number | string)[]) =>
      draw(8, createRandom(seed, ...labels).next).join();
    expect(first(7, 'init', 3)).toBe(first(7, 'init', 3));
    const names = [
      first(7),
      first(8),
      first(7 + 2 ** 32),
      first(7, 'init'),
      first(7, 3),
      first(7, '3'),
      first(7, 'a', 'b'),
      first(7, 'ab'),
    ];
    expect(new Set(names).size).toBe(names.length);
  });

  // Bounds are five standard errors at n = 50,000 of a fixed seed.
  it('is uniform and normal in its first two moments', () => {
    const random = createRandom(1, 'moments');
    const uniform = draw(50_000, random.next);
    expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(uniform.every((v) => v >= 0 && v < 1)).toBe(true);
    expect(Math.abs(moments(uniform).mean - 0.5)).toBeLessThan(0.0065);
    expect(Math.abs(moments(uniform).variance - 1 / 12)).toBeLessThan(0.0017);
    const normal = draw(50_000, random.normal);
    expect(Math.abs(moments(normal).mean)).toBeLessThan(0.0224);
    expect(Math.abs(moments(normal).variance - 1)).toBeLessThan(0.032);
    const beyondTwo = normal.filter((v) => Math.abs(v) > 2).length / normal.length;
    expect(Math.abs(beyondTwo - 0.0455)).toBeLessThan(0.0047);
  });

  it('draws every integer equally often', () => {
    const random = createRandom(2);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < 70_000; i++) counts[random.int(7)]!++;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(470);
  });

  it('permutes without loss, and each first place equally often', () => {
    expect([...createRandom(3).permutation(1000)].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 1000 }, (_, i) => i),
    );
    const firsts = [0, 0, 0, 0];
    for (let i = 0; i < 4000; i++) firsts[createRandom(4, i).permutation(4)[0]!]!++;
    for (const count of firsts) expect(Math.abs(count - 1000)).toBeLessThan(140);
    expect(createRandom(5).shuffle(['a', 'b', 'c']).sort()).toEqual(['a', 'b', 'c']);
  });

  it('keeps uniform and pick in range', () => {
    const random = createRandom(6);
    for (let i = 0; i < 100; i++) {
      const value = random.uniform(-2, 3);
      expect(value >= -2 && value < 3).toBe(true);
      expect(['x', 'y']).toContain(random.pick(['x', 'y']));
    }
  });

  it('refuses bad seeds, bad ranges and empty arrays', () => {
    expect(() => createRandom(-1)).toThrow('seed is -1');
    expect(() => createRandom(1.5)).toThrow('seed is 1.5');
    expect(() => createRandom(0).int(0)).toThrow('n = 0');
    expect(() => createRandom(0).pick([])).toThrow('empty array');
  });
});
