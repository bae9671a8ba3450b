import { describe, expect, it, test } from 'vitest';
import { assembleScanKernel } from '../../../parity/scanKernel.ts';
import { bestForm, type ScanForm } from '../../../src/search/scan/rows/bank.ts';
import { layoutOf } from '../../../src/search/scan/rows/layout.ts';
import { SCAN_BYTES } from '../../../src/search/scan/rows/scanBytes.ts';
import { createScan, type Scan } from '../../../src/search/scan/scan.ts';
import { createSelection } from '../../../src/search/scan/selection.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { bruteForce, half, nearTo, randomUnit, someTruth, stored, type Truth } from './support/vectors.ts';

test('the bytes are those of scan.wat, and this engine runs them', async () => {
  expect(SCAN_BYTES).toBe(Buffer.from(await assembleScanKernel()).toString('base64'));
  expect(bestForm()).toBe('vectors');
});

/** Room for so many rows in a bank: then a few rows need several. */
const bankOf = (width: number, rows: number): number => {
  const { rowsAt, stride } = layoutOf(width);
  return rowsAt + rows * stride;
};

function filled(truth: Truth, width: number, form: ScanForm, rowsPerBank = 1e6): Scan {
  const scan = createScan(width, { form, bankBytes: bankOf(width, rowsPerBank) });
  const { ids, vectors } = stored(truth, truth.keys());
  scan.set(ids, vectors);
  return scan;
}

const fetchFrom = (truth: Truth) => async (ids: readonly number[]) => stored(truth, ids);

describe.each<ScanForm>(['vectors', 'plain'])('%s', (form) => {
  it.each([
    [1, 5, 3],
    [3, 101, 7],
    [16, 64, 64],
    [17, 499, 100],
    [31, 997, 1000],
    [96, 1031, 1030],
  ])('width %i, %i rows: equals brute force', async (width, count, rowsPerBank) => {
    const truth = someTruth(1, width, count);
    const scan = filled(truth, width, form, rowsPerBank);
    const random = createRandom(2, width);
    const fetch = fetchFrom(truth);
    const queries = [
      randomUnit(random, width),
      randomUnit(random, width).map((value) => value * 1000),
      new Float32Array(width),
      nearTo(random, randomUnit(random, width), 0.01),
    ];
    for (const query of queries)
      for (const limit of [1, 24, count + 10])
        expect(await scan.nearest(query, { limit, fetch })).toEqual(bruteForce(truth, query, limit));
  });

  it('equals brute force after rows were removed and replaced, and with filters', async () => {
    const [width, count] = [33, 331];
    const truth = someTruth(3, width, count);
    const scan = filled(truth, width, form, 50);
    const random = createRandom(4);
    const fetch = fetchFrom(truth);
    for (let round = 0; round < 12; round++) {
      const ids = [...truth.keys()];
      const gone = ids.filter(() => random.next() < 0.2);
      scan.remove([...gone, 1_000_000_000]);
      for (const id of gone) truth.delete(id);
      const fresh = Array.from({ length: 40 }, () => 1 + random.int(2000));
      for (const id of fresh) truth.set(id, half(nearTo(random, randomUnit(random, width), 0.1)));
      // An id that comes twice has the later vector; here both are the same.
      const { vectors } = stored(truth, fresh);
      scan.set(fresh, vectors);
      expect(scan.count).toBe(truth.size);
      const query = randomUnit(random, width);
      expect(await scan.nearest(query, { limit: 10, fetch })).toEqual(bruteForce(truth, query, 10));
      // Few are looked up one by one, many are read with all that is between them.
      const share = [0.02, 0.1, 0.5, 0.95][round % 4]!;
      const allowed = createSelection([...truth.keys(), 5e9, 7].filter(() => random.next() < share));
      const some = new Map([...truth].filter(([id]) => allowed.ids.includes(id)));
      for (const limit of [1, 7, 100])
        expect(await scan.nearest(query, { limit, allowed, fetch })).toEqual(bruteForce(some, query, limit));
    }
  });

  it('a filter that leaves none, or one', async () => {
    const truth = someTruth(5, 20, 50);
    const scan = filled(truth, 20, form);
    const fetch = fetchFrom(truth);
    const query = randomUnit(createRandom(6), 20);
    expect(await scan.nearest(query, { limit: 3, allowed: [], fetch })).toEqual([]);
    expect(await scan.nearest(query, { limit: 3, allowed: [2], fetch })).toEqual([]);
    expect(await scan.nearest(query, { limit: 3, allowed: [6, 6, 6], fetch })).toEqual(
      bruteForce(new Map([[6, truth.get(6)!]]), query, 3),
    );
    expect(await createScan(20, { form }).nearest(query, { limit: 3, fetch })).toEqual([]);
  });
});

describe('exactness', () => {
  it('near copies, which 8-bit integers put into the wrong order: as many are fetched as it takes', async () => {
    const width = 64;
    const random = createRandom(7);
    const centre = randomUnit(random, width);
    const truth: Truth = new Map();
    for (let id = 1; id <= 700; id++) truth.set(id, half(nearTo(random, centre, 2e-3)));
    const scan = filled(truth, width, 'vectors');
    let fetched = 0;
    const fetch = async (ids: readonly number[]) => {
      fetched += ids.length;
      return stored(truth, ids);
    };
    const query = nearTo(random, centre, 0.01);
    expect(await scan.nearest(query, { limit: 24, fetch })).toEqual(bruteForce(truth, query, 24));
    expect(fetched).toBeGreaterThan(96);
  });

  it('far rows: about a hundred are fetched', async () => {
    const [width, count] = [128, 3000];
    const random = createRandom(8);
    const truth: Truth = new Map();
    for (let id = 1; id <= count; id++) truth.set(id, half(randomUnit(random, width)));
    const scan = filled(truth, width, 'vectors');
    let fetched = 0;
    const fetch = async (ids: readonly number[]) => {
      fetched += ids.length;
      return stored(truth, ids);
    };
    const query = randomUnit(random, width);
    expect(await scan.nearest(query, { limit: 24, fetch })).toEqual(bruteForce(truth, query, 24));
    expect(fetched).toBeLessThan(150);
  });

  it('equal vectors come by id, in whatever order they were added', async () => {
    const vector = half(randomUnit(createRandom(9), 30));
    const truth: Truth = new Map([907, 5, 300, 4, 77].map((id) => [id, vector]));
    const scan = filled(truth, 30, 'vectors');
    const query = randomUnit(createRandom(10), 30);
    const found = await scan.nearest(query, { limit: 3, fetch: fetchFrom(truth) });
    expect(found.map(({ id }) => id)).toEqual([4, 5, 77]);
  });

  it('vectors that are gone when they are fetched leave their places to others', async () => {
    const truth = someTruth(11, 24, 200);
    const scan = filled(truth, 24, 'vectors');
    const query = randomUnit(createRandom(12), 24);
    for (const { id } of bruteForce(truth, query, 8)) truth.delete(id);
    expect(await scan.nearest(query, { limit: 10, fetch: fetchFrom(truth) })).toEqual(
      bruteForce(truth, query, 10),
    );
  });
});

describe('what is refused', () => {
  const scan = createScan(2);
  const fetch = async () => ({ ids: [], vectors: new Uint16Array() });

  it('rows: nothing of them is kept', () => {
    const good = half(Float32Array.of(1, 0));
    expect(() => scan.set([1, 2], good)).toThrow('2 vectors of 2 values are not 2 values');
    expect(() => scan.set([0], good)).toThrow('the id 0 is no whole number from 1');
    expect(() => scan.set([1, 2], half(Float32Array.of(1, 0, Number.NaN, 0)))).toThrow(
      'the vector of 2 has a value that is not finite',
    );
    expect(scan.count).toBe(0);
  });

  it('queries, limits and widths', async () => {
    await expect(scan.nearest(Float32Array.of(1), { limit: 1, fetch })).rejects.toThrow(
      'the query has 1 values; vectors have 2',
    );
    await expect(scan.nearest(Float32Array.of(1, Number.NaN), { limit: 1, fetch })).rejects.toThrow(
      'not finite',
    );
    await expect(scan.nearest(Float32Array.of(1, 0), { limit: 0, fetch })).rejects.toThrow('limit is 0');
    expect(() => createScan(0)).toThrow('the width of a scan is 0');
  });
});
