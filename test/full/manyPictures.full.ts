import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Encoder, load } from '../../src/index.ts';
import { type Collection, openCollection, type Picture, search } from '../../src/search/index.ts';
import { createRandom } from '../../src/tensor/random.ts';
import { testPostgres } from '../support/postgres.ts';
import { changeFolder, type MixedFolder, mixedFolder } from './support/mixedFolder.ts';
import { shapedPictures, workFolder } from './support/pictures.ts';
import { siglip2, startSiglip2 } from './support/siglip2.ts';

/** The embedded model: the folder is what is tried here, and the model's size is tried elsewhere. */
const COUNT = 2000;
const QUERIES = ['a red fox', 'grünes Blatt', '青い海', 'nothing of that kind'];
const folder = workFolder();
const postgres = await testPostgres(import.meta.url);
const locations = {
  sqlite: join(folder, 'collections'),
  ...(postgres && { postgres: await postgres.createDatabase() }),
};
const answers = new Map<string, (readonly [path: string, score: number])[][]>();
let first: MixedFolder;
let encoder: Encoder;

beforeAll(async () => {
  first = await mixedFolder(join(folder, 'first'), COUNT);
  encoder = await load();
});
afterAll(async () => {
  await encoder.dispose();
  await postgres?.close();
});

/** Every picture, by its path. @throws Error where one is there twice */
async function byPath(collection: Collection): Promise<Map<string, Picture>> {
  const all = await collection.list({ limit: 10_000 });
  expect(new Set(all.map(({ path }) => path)).size).toBe(all.length);
  return new Map(all.map((one) => [one.path, one]));
}

/** Kills of a command, before it may come to its end. */
const KILLS = 8;

/** Runs the command, which is killed at random times, some before it begins and some in the middle, until it ends. */
async function indexWithKills(
  args: readonly string[],
  seed: number,
): Promise<{ kills: number; code: number | null }> {
  const random = createRandom(seed, 'kills');
  const from = performance.now();
  await siglip2(['collections', ...args.slice(2, 4)]);
  const start = performance.now() - from;
  for (let kills = 0; ; kills++) {
    const { child, finished } = startSiglip2(args);
    const delay = start * (1 + random.int(300) / 100);
    const timer = setTimeout(() => kills < KILLS && child.kill('SIGKILL'), delay);
    const { signal, code } = await finished;
    clearTimeout(timer);
    if (signal === null) return { kills, code };
  }
}

describe.each(Object.entries(locations))('%s', (store, location) => {
  const root = join(folder, store);
  const own = (path: string) => path.replace(first.root, root);
  const at = store === 'postgres' ? ['--database', location] : ['--collections', location];
  const args = ['index', root, ...at, '--name', 'many', '--json'];
  let mixed: MixedFolder;
  let collection: Collection;

  it('a folder of 2,000 is indexed, whatever kills the command', async () => {
    cpSync(first.root, root, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    const pictures = new Map([...first.pictures].map(([i, path]) => [i, own(path)]));
    mixed = { ...first, root, pictures };
    const { kills, code } = await indexWithKills(args, 1);
    console.log(`${store}: ${kills} kills`);
    expect(code).toBe(0);
    collection = await openCollection(location, { name: 'many' });
    expect([...(await byPath(collection)).keys()].sort()).toEqual([...mixed.pictures.values()].sort());
    const again = await siglip2(args);
    expect(again.json()).toMatchObject([
      { embedded: 0, files: { unchanged: mixed.pictures.size }, bad: { bad: mixed.bad } },
    ]);
  });

  it('changed and indexed again, with kills: what is the same picture keeps its id', async () => {
    const before = await byPath(collection);
    const ids = new Map([...mixed.pictures].map(([i, path]) => [i, before.get(path)!.id]));
    const { kept, gone } = await changeFolder(mixed, 50);
    const { kills, code } = await indexWithKills(args, 2);
    console.log(`${store}: ${kills} kills`);
    expect(code).toBe(0);
    const after = await byPath(collection);
    expect([...after.keys()].sort()).toEqual([...mixed.pictures.values()].sort());
    const changed = kept.filter((i) => after.get(mixed.pictures.get(i)!)!.id !== ids.get(i));
    expect(changed).toEqual([]);
    const now = new Set([...after.values()].map(({ id }) => id));
    expect(gone.filter((i) => now.has(ids.get(i)!))).toEqual([]);
    const [model] = await collection.models();
    expect(model!.pictures).toBe(after.size);
  });

  it('is searched while another process indexes', async () => {
    await shapedPictures(
      join(root, 'later'),
      Array.from({ length: 300 }, (_, i): [number, number] => [120 + (i % 50), 90]),
    );
    const { finished } = startSiglip2(args);
    let isDone = false;
    void finished.then(() => {
      isDone = true;
    });
    let searches = 0;
    let last = 0;
    while (!isDone) {
      const { hits } = await search(collection, encoder, QUERIES[searches % 4]!, { all: true });
      expect(hits.length).toBe(24);
      const count = await collection.count();
      expect(count).toBeGreaterThanOrEqual(last);
      last = count;
      searches++;
      await sleep(10);
    }
    expect((await finished).code).toBe(0);
    expect(searches).toBeGreaterThan(5);
    expect(await collection.count()).toBe(mixed.pictures.size + 300);
    const found = await Promise.all(
      QUERIES.map((query) => search(collection, encoder, query, { all: true, limit: 50, grouped: false })),
    );
    answers.set(
      store,
      found.map(({ hits }) =>
        hits.map(({ picture: { path }, score }) => [path.slice(root.length), score] as const),
      ),
    );
    await collection.close();
  });
});

it.skipIf(!postgres)('both stores give the same answers', () => {
  const [a, b] = [answers.get('sqlite')!, answers.get('postgres')!];
  for (const [q, one] of a.entries()) {
    const other = new Map(b[q]);
    const least = Math.min(...other.values());
    // Kills cut the batches otherwise, and sums in another order are others in the last digits.
    for (const [path, score] of one)
      if (score > least + 1e-3) expect(Math.abs(other.get(path)! - score), path).toBeLessThan(1e-3);
  }
});
