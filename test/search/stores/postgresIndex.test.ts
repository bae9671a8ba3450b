import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Collection, Neighbour, StoredVectors } from '../../../src/search/collection/collection.ts';
import type { PictureFilter } from '../../../src/search/collection/filter.ts';
import { innerProduct } from '../../../src/search/collection/vectors/innerProduct.ts';
import { createPostgresStore } from '../../../src/search/stores/postgres/postgresStore.ts';
import { runIn, testPostgres } from '../../support/postgres.ts';
import { all, model, vector } from './changes.ts';

const postgres = await testPostgres(import.meta.url);
/** Up to so many, all are compared. */
const LIMIT = 2000;
const COUNT = 4000;
const WIDTH = 16;
const query = vector(3, WIDTH);

/** Written by the server itself: far faster than one by one. Every tenth is 10 pixels, those near to the query are 20. */
const FILL = `
  SELECT setseed(0.5);
  INSERT INTO files SELECT i, '/photos/' || i, i, i, 'h' || i, '', NULL FROM generate_series(1, ${COUNT}) AS i;
  INSERT INTO vectors_1 SELECT i, l2_normalize(ARRAY(SELECT random() - 0.5 + 0 * i FROM generate_series(1, ${WIDTH}))::real[]::halfvec)
    FROM generate_series(1, ${COUNT}) AS i;
  INSERT INTO pictures SELECT picture, picture, 'image', 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, picture,
    CASE WHEN vector <#> '[${query.join()}]' < -0.3 THEN 20 WHEN picture % 10 = 0 THEN 10 ELSE 30 END, picture, picture
    FROM vectors_1;
  UPDATE state SET next_id = ${COUNT + 1}`;

describe.skipIf(!postgres)('PostgreSQL, where there are too many pictures to compare all', () => {
  let address: string;
  let collection: Collection;
  let id: number;
  let schema: string;
  let rows: StoredVectors;

  /** All of them, compared one by one. */
  const best = (limit: number, holds: (id: number) => boolean): Neighbour[] =>
    rows.ids
      .map((one, row) => ({ id: one, score: innerProduct(query, rows.vectors, row) }))
      .filter((one) => holds(one.id))
      .sort((a, b) => b.score - a.score || a.id - b.id)
      .slice(0, limit);

  const found = (limit: number, filter?: PictureFilter) => collection.nearest(id, query, { limit, filter });

  const recall = (those: readonly Neighbour[], expected: readonly Neighbour[]): number => {
    const scores = new Map(expected.map((one) => [one.id, one.score]));
    const right = those.filter((one) => scores.has(one.id));
    for (const one of right) expect(one.score).toBe(scores.get(one.id));
    return right.length / expected.length;
  };

  beforeAll(async () => {
    address = await postgres!.createDatabase();
    // So few could be sorted faster.
    await runIn(address, `ALTER DATABASE ${new URL(address).pathname.slice(1)} SET enable_sort = off`);
    collection = await createPostgresStore(LIMIT).open(address, { name: 'many', create: true });
    id = (await collection.addModel(model(1, WIDTH))).id;
    const [row] = await runIn(address, 'SELECT id FROM siglip2.collections');
    schema = `siglip2_${(row as { id: string }).id}`;
    await runIn(
      address,
      `SET search_path = ${schema}, public; SET session_replication_role = replica; ${FILL}; ANALYZE`,
    );
    rows = (await all(collection.allVectors(id, { size: COUNT })))[0]!;
  });

  afterAll(async () => {
    await collection?.close();
    await postgres?.close();
  });

  it('all are compared as long as there is no index', async () => {
    expect(rows.ids.length).toBe(COUNT);
    expect(await found(24)).toEqual(best(24, () => true));
  });

  it('once writing ends it is made, and searches find nearly all by it, and whole pages whatever the filter', async () => {
    const lock = await collection.lock();
    await collection.write(id, []);
    await lock.release();
    const isMade = `SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('${schema}.vectors_1_hnsw') AND indisvalid`;
    await expect.poll(() => runIn(address, isMade), { timeout: 50_000 }).toHaveLength(1);
    expect(
      recall(
        await found(24),
        best(24, () => true),
      ),
    ).toBeGreaterThan(0.9);
    // The index gives 400 at first: without more, none of these would be left.
    const sides = await runIn(address, `SELECT id FROM ${schema}.pictures WHERE side <> 20`);
    const far = new Set(sides.map((row) => Number((row as { id: string }).id)));
    expect(far.size).toBeGreaterThan(LIMIT);
    expect(
      recall(
        best(400, () => true),
        best(400, (one) => far.has(one)),
      ),
    ).toBe(0);
    const farFound = await found(500, { minSide: 21 });
    const farTen = await found(24, { minSide: 30 });
    expect([farFound.length, farTen.length]).toEqual([500, 24]);
    expect(
      recall(
        farFound,
        best(500, (one) => far.has(one)),
      ),
    ).toBeGreaterThan(0.9);
  });

  it('few are compared one by one', async () => {
    const tenth = await found(24, { maxSide: 10 });
    const sides = await runIn(address, `SELECT id FROM ${schema}.pictures WHERE side = 10`);
    const ids = new Set(sides.map((row) => Number((row as { id: string }).id)));
    expect(tenth).toEqual(best(24, (one) => ids.has(one)));
    expect(await found(1001)).toEqual(best(1001, () => true));
  });

  it('the index was used', async () => {
    await collection.close();
    const scans = `SELECT idx_scan::int AS scans FROM pg_stat_user_indexes WHERE indexrelname = 'vectors_1_hnsw'`;
    await expect.poll(async () => (await runIn(address, scans))[0]).toEqual({ scans: 3 });
  });
});
