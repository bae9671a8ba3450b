import { describe, expect, it } from 'vitest';
import { float16ToFloat32 } from '../../../src/checkpoint/safetensors/castFloat.ts';
import { innerProduct } from '../../../src/search/collection/vectors/innerProduct.ts';
import { mainDirections } from '../../../src/search/scan/pairs/basis.ts';
import { type NearPairsOptions, nearPairs } from '../../../src/search/scan/pairs/nearPairs.ts';
import type { NearPair } from '../../../src/search/scan/pairs/pairScores.ts';
import { createScan, type Scan } from '../../../src/search/scan/scan.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { half, nearTo, randomUnit, someTruth, stored, type Truth } from './support/vectors.ts';

function filled(truth: Truth, width: number): Scan {
  const scan = createScan(width);
  const { ids, vectors } = stored(truth, truth.keys());
  scan.set(ids, vectors);
  return scan;
}

const byIds = (x: NearPair, y: NearPair): number => x.a - y.a || x.b - y.b;

async function found(truth: Truth, scan: Scan, options: Partial<NearPairsOptions> = {}): Promise<NearPair[]> {
  const fetch = async (ids: readonly number[]) => stored(truth, ids);
  const pairs: NearPair[] = [];
  for await (const part of nearPairs(scan, { threshold: 0.95, fetch, ...options })) pairs.push(...part);
  return pairs.sort(byIds);
}

function bruteForce(truth: Truth, threshold: number): NearPair[] {
  const rows = [...truth].map(([id, vector]) => ({ id, vector, wide: float16ToFloat32(vector) }));
  return rows
    .flatMap((a, i) =>
      rows.slice(i + 1).flatMap((b) => {
        const score = innerProduct(a.wide, b.vector, 0);
        return score >= threshold ? [{ a: Math.min(a.id, b.id), b: Math.max(a.id, b.id), score }] : [];
      }),
    )
    .sort(byIds);
}

/** Groups of near copies at many distances, in a space in which a few directions are longer, as embeddings have them. */
function copies(width: number, count: number): Truth {
  const random = createRandom(1, width);
  const common = randomUnit(random, width);
  const truth: Truth = new Map();
  let centre = common;
  for (let id = 1; id <= count; id++) {
    if (id % 5 === 1) centre = nearTo(random, common, 1);
    truth.set(id, half(nearTo(random, centre, random.uniform(0, 0.4))));
  }
  return truth;
}

describe('nearPairs', () => {
  it.each([0.5, 0.999])('equals brute force above %f', async (threshold) => {
    const truth = someTruth(1, 40, 131);
    expect(await found(truth, filled(truth, 40), { threshold })).toEqual(bruteForce(truth, threshold));
  });

  it('equals brute force where 64 values rule most pairs out', async () => {
    // The groups are known, so that not every pair needs to be compared.
    const truth = copies(128, 2000);
    const pairs = await found(truth, filled(truth, 128));
    const rows = [...truth];
    const groups = Array.from({ length: 400 }, (_, i) => new Map(rows.slice(i * 5, i * 5 + 5)));
    expect(pairs).toEqual(groups.flatMap((group) => bruteForce(group, 0.95)));
    expect(pairs.length).toBeGreaterThan(900);
    expect(pairs.length).toBeLessThan(4000);
  });

  it('of none, one or no near rows gives none', async () => {
    const random = createRandom(2);
    const truth: Truth = new Map();
    expect(await found(truth, createScan(30))).toEqual([]);
    for (const id of [1, 2]) {
      truth.set(id, half(randomUnit(random, 30)));
      expect(await found(truth, filled(truth, 30))).toEqual([]);
    }
  });

  it('tells how far it is, and can be stopped', async () => {
    const truth = someTruth(3, 8, 30);
    const scan = filled(truth, 8);
    const told: number[][] = [];
    await found(truth, scan, { onProgress: (done, total) => void told.push([done, total]) });
    expect(told.at(-1)).toEqual([435, 435]);
    const many = copies(16, 5000);
    const stop = new AbortController();
    const onProgress = () => stop.abort(new Error('enough'));
    await expect(found(many, filled(many, 16), { signal: stop.signal, onProgress })).rejects.toThrow(
      'enough',
    );
  });

  it('notices that rows change', async () => {
    const many = copies(16, 5000);
    const scan = filled(many, 16);
    const onProgress = () => scan.remove([1]);
    await expect(found(many, scan, { onProgress })).rejects.toThrow('rows were changed');
  });
});

describe('mainDirections', () => {
  it('are orthonormal, and zero where vectors span less', () => {
    const random = createRandom(4);
    const [width, n] = [12, 20];
    const spanning = Array.from({ length: 3 }, () => randomUnit(random, width));
    const vectors = new Float32Array(n * width);
    for (let row = 0; row < n; row++)
      for (const part of spanning) {
        const factor = random.normal();
        for (let i = 0; i < width; i++) vectors[row * width + i]! += factor * part[i]!;
      }
    const basis = mainDirections(vectors, width, 5);
    const dot = (a: number, b: number) => {
      let sum = 0;
      for (let i = 0; i < width; i++) sum += basis[a * width + i]! * basis[b * width + i]!;
      return sum;
    };
    for (let a = 0; a < 5; a++)
      for (let b = 0; b < 5; b++) expect(dot(a, b)).toBeCloseTo(a === b && a < 3 ? 1 : 0, 10);
  });
});
