/** The lane of the scan alone: `scanLane.ts build|search FOLDER RESULT`; float16 vectors are read from the set's file. */
import { openSync, readFileSync, readSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeJson } from '../../src/checkpoint/files/atomic.ts';
import type { StoredVectors } from '../../src/search/collection/collection.ts';
import { createScan } from '../../src/search/scan/scan.ts';
import { openScan, saveScan } from '../../src/search/scan/scanFile.ts';
import { createSelection } from '../../src/search/scan/selection.ts';
import { type LaneResult, seconds, timeSearches } from './lane.ts';
import { FILTERS, GROUP_OF_FILTER, openSet, piecesOf, queriesOf, type SearchSet } from './searchSet.ts';
import { WIDTH } from './vectors.ts';

const [mode, folder, result] = process.argv.slice(2) as [string, string, string];
const set = await openSet(folder);
const sidecar = join(folder, 'rows.scan');
const MODEL = 'bench';

async function build(): Promise<void> {
  const scan = createScan(WIDTH);
  for await (const { first, rows, values } of piecesOf(set))
    scan.set(
      Array.from({ length: rows }, (_, i) => first + i + 1),
      values,
    );
  await saveScan(sidecar, scan, MODEL);
}

/** Reads rows of the set's file, as a database would: one after the other. Ids are rows from 1. */
function fetchFrom({ vectors }: SearchSet): (ids: readonly number[]) => Promise<StoredVectors> {
  const file = openSync(vectors, 'r');
  return async (ids) => {
    const values = new Uint16Array(ids.length * WIDTH);
    const bytes = new Uint8Array(values.buffer);
    ids.forEach((id, i) => {
      readSync(file, bytes, i * WIDTH * 2, WIDTH * 2, (id - 1) * WIDTH * 2);
    });
    return { ids, vectors: values };
  };
}

async function search(): Promise<LaneResult> {
  const before = process.memoryUsage().rss;
  const [scan, open] = await seconds(() => openScan(sidecar, { model: MODEL, width: WIDTH }));
  if (!scan) throw new Error(`${sidecar} cannot be opened`);
  const groups = await readFile(set.groups);
  const fetch = fetchFrom(set);
  const idsOf = (most: number): number[] =>
    [...groups.keys()].filter((row) => groups[row]! <= most).map((row) => row + 1);
  const selections = Object.fromEntries(
    FILTERS.map((filter) => [filter, createSelection(idsOf(GROUP_OF_FILTER[filter]))]),
  );
  const searches = await timeSearches(await queriesOf(set), FILTERS, async (query, filter) => {
    const allowed = filter === 'none' ? undefined : selections[filter];
    const found = await scan.nearest(query, { limit: 24, allowed, fetch });
    return found.map(({ id }) => id - 1);
  });
  const disk = statSync(sidecar).size + statSync(set.vectors).size;
  return { build: 0, open, disk, memory: process.memoryUsage().rss - before, searches };
}

if (mode === 'build') {
  const [, took] = await seconds(build);
  await writeJson(result, took);
} else
  await writeJson(result, { ...(await search()), build: Number(readFileSync(`${result}.build`, 'utf8')) });
