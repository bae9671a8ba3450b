import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { layoutOf } from '../../../src/search/scan/rows/layout.ts';
import { createScan, type Scan } from '../../../src/search/scan/scan.ts';
import { openScan, saveScan } from '../../../src/search/scan/scanFile.ts';
import { createRandom } from '../../../src/tensor/random.ts';
import { bruteForce, randomUnit, someTruth, stored } from './support/vectors.ts';

const folder = await mkdtemp(join(tmpdir(), 'siglip2-scan-'));
afterAll(() => rm(folder, { recursive: true }));

const [width, count, model] = [20, 41, 'a model, 日本'];
const truth = someTruth(1, width, count);
const query = randomUnit(createRandom(2), width);
const fetch = async (ids: readonly number[]) => stored(truth, ids);
const answers = (scan: Scan | undefined) => scan?.nearest(query, { limit: 9, fetch });
const right = bruteForce(truth, query, 9);

function filled(): Scan {
  const scan = createScan(width);
  const { ids, vectors } = stored(truth, truth.keys());
  scan.set(ids, vectors);
  scan.version = 12;
  return scan;
}

const path = join(folder, 'rows');
await saveScan(path, filled(), model);
const bytes = await readFile(path);

async function opened(content: Uint8Array): Promise<Scan | undefined> {
  const changed = join(folder, 'changed');
  await writeFile(changed, content);
  return openScan(changed, { model, width, form: 'plain' });
}

describe('the file of a scan', () => {
  it('has all that a scan has, and it goes on from there', async () => {
    // In memories of another size, and without vectors.
    for (const form of ['vectors', 'plain'] as const) {
      const { rowsAt, stride } = layoutOf(width);
      const scan = (await openScan(path, { model, width, form, bankBytes: rowsAt + 7 * stride }))!;
      expect([scan.version, scan.count, scan.width]).toEqual([12, count, width]);
      expect(await answers(scan)).toEqual(right);
      const [first] = right;
      scan.remove([first!.id]);
      const rest = new Map([...truth].filter(([id]) => id !== first!.id));
      expect(await answers(scan)).toEqual(bruteForce(rest, query, 9));
    }
  });

  it('may have no rows', async () => {
    const empty = join(folder, 'empty');
    await saveScan(empty, createScan(width), model);
    const scan = (await openScan(empty, { model, width }))!;
    expect(scan.count).toBe(0);
    expect(await answers(scan)).toEqual([]);
  });

  it('is not opened when it is not there, or of another model, width or version', async () => {
    expect(await openScan(join(folder, 'none'), { model, width })).toBeUndefined();
    expect(await openScan(folder, { model, width })).toBeUndefined();
    expect(await openScan(path, { model: 'another', width })).toBeUndefined();
    expect(await openScan(path, { model, width: width + 1 })).toBeUndefined();
    expect(await openScan(path, { model, width, accepts: (version) => version > 12 })).toBeUndefined();
    expect(await openScan(path, { model, width, accepts: (version) => version === 12 })).toBeDefined();
  });

  it('is not opened when it is cut at any byte, or longer', async () => {
    for (let length = 0; length < bytes.length; length += length < 200 ? 1 : 17)
      expect(await opened(bytes.subarray(0, length))).toBeUndefined();
    expect(await opened(bytes.subarray(0, -1))).toBeUndefined();
    expect(await opened(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
  });

  it('with any bit of it flipped is not opened, or has all that was saved', async () => {
    let refused = 0;
    for (let at = 0; at < bytes.length; at += at < 200 ? 1 : 11) {
      const flipped = Buffer.from(bytes);
      flipped[at]! ^= 1 << (at % 8);
      const scan = await opened(flipped);
      if (scan) expect(await answers(scan)).toEqual(right);
      else refused++;
    }
    // All but those between the header and the rows.
    expect(refused).toBeGreaterThan(200);
  });

  it('is not written while rows change', async () => {
    const scan = filled();
    const other = join(folder, 'other');
    const saving = saveScan(other, scan, model);
    scan.remove([3]);
    expect(await saving).toBe(false);
    expect(await openScan(other, { model, width })).toBeUndefined();
    expect(await saveScan(other, scan, model)).toBe(true);
    expect((await openScan(other, { model, width }))!.count).toBe(count - 1);
  });
});
