/** The lane of a whole collection in a store: `collectionLane.ts build|search FOLDER RESULT LOCATION`. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../src/checkpoint/files/atomic.ts';
import { float16ToFloat32 } from '../../src/checkpoint/safetensors/castFloat.ts';
import type { Change } from '../../src/search/collection/change.ts';
import type { PictureFilter } from '../../src/search/collection/filter.ts';
import { openCollection, storeOf } from '../../src/search/stores/stores.ts';
import { databaseBytes, untilIndexed } from './fetchedServer.ts';
import { type LaneResult, seconds, timeSearches } from './lane.ts';
import { FILTERS, type FilterName, openSet, piecesOf, queriesOf } from './searchSet.ts';
import { WIDTH } from './vectors.ts';

const [mode, folder, result, location] = process.argv.slice(2) as [string, string, string, string];
const NAME = 'bench';
const set = await openSet(folder);
const groups = await readFile(set.groups);

/** Folders of the groups: a filter's folder has its own and those before. */
const FOLDERS = ['/all/ten/one', '/all/ten/nine', '/all/rest'];
const FILTER_OF: Readonly<Record<FilterName, PictureFilter | undefined>> = {
  none: undefined,
  '1 %': { folder: '/all/ten/one' },
  '10 %': { folder: '/all/ten' },
};

function changeOf(row: number, vector: Float32Array): Change {
  const file = {
    path: `${FOLDERS[groups[row]!]}/${row}.jpg`,
    bytes: 1,
    modified: 0,
    hash: row.toString(16),
    how: '',
  };
  return { kind: 'file', file, pictures: [{ ...file, kind: 'image', at: 0, width: 9, height: 9, vector }] };
}

async function build(): Promise<void> {
  if ((await storeOf(location).list(location)).includes(NAME)) await storeOf(location).remove(location, NAME);
  const collection = await openCollection(location, { name: NAME, create: true });
  const probe = new Float32Array(WIDTH);
  probe[0] = 1;
  const model = await collection.addModel({ name: 'bench', width: WIDTH, probe });
  const lock = await collection.lock();
  for await (const { first, rows, values } of piecesOf(set)) {
    const wide = float16ToFloat32(values);
    const changes = Array.from({ length: rows }, (_, i) =>
      changeOf(first + i, wide.subarray(i * WIDTH, (i + 1) * WIDTH)),
    );
    await collection.write(model.id, changes);
  }
  await lock.release();
  // Makes what the first search needs.
  await collection.nearest(model.id, probe, { limit: 1 });
  await collection.close();
  if (!existsSync(location)) await untilIndexed(location);
}

async function search(): Promise<LaneResult> {
  const queries = await queriesOf(set);
  const before = process.memoryUsage().rss;
  const [{ collection, model }, open] = await seconds(async () => {
    const opened = await openCollection(location, { name: NAME });
    const [first] = await opened.models();
    await opened.nearest(first!.id, queries[0]!, { limit: 1 });
    return { collection: opened, model: first!.id };
  });
  const searches = await timeSearches(queries, FILTERS, async (query, filter) => {
    const found = await collection.nearest(model, query, { limit: 24, filter: FILTER_OF[filter] });
    return found.map(({ id }) => id);
  });
  const memory = process.memoryUsage().rss - before;
  for (const { rows } of Object.values(searches))
    for (const [q, ids] of rows.entries())
      rows[q] = (await collection.pictures(ids)).map(({ path }) => rowOf(path));
  await collection.close();
  if (existsSync(location)) return { build: 0, open, disk: bytesIn(location), memory, searches };
  const disk = await databaseBytes(location);
  return { build: 0, open, disk, memory, searches, note: 'memory of its client alone' };
}

const rowOf = (path: string): number => Number(/(\d+)\.jpg$/.exec(path)?.[1]);

/** Bytes of a folder's files. */
const bytesIn = (path: string): number =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(path, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);

if (mode === 'build') {
  const [, took] = await seconds(build);
  await writeJson(result, took);
} else
  await writeJson(result, { ...(await search()), build: Number(readFileSync(`${result}.build`, 'utf8')) });
