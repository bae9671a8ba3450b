/**
 * What a search takes in a collection in a folder, besides embedding the query: CPU time, and wall time.
 *
 *   npx tsx bench/searchCollection.ts [pictures, default 100000]
 *
 * The pictures' vectors, 768 wide, are those of `bench/search.ts`; an encoder that looks vectors up stands for a model. The
 * set and the collection are kept in .cache/bench/search.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { float16ToFloat32 } from '../src/checkpoint/safetensors/castFloat.ts';
import type { Encoder } from '../src/encoder/encoder.ts';
import type { Change } from '../src/search/collection/change.ts';
import type { PictureFilter } from '../src/search/collection/filter.ts';
import { modelOf } from '../src/search/collection/modelProbe.ts';
import { COMMON_QUERIES } from '../src/search/cutoff/commonQueries.ts';
import type { Query } from '../src/search/query/query.ts';
import { search } from '../src/search/query/search.ts';
import { openCollection, storeOf } from '../src/search/stores/stores.ts';
import { float32 } from '../src/tensor/index.ts';
import { piecesOf, prepareSet, queriesOf, type SearchSet } from './search/searchSet.ts';
import { percentile } from './search/table.ts';
import { createVectorSource, WIDTH } from './search/vectors.ts';

const CACHE = fileURLToPath(new URL('../.cache/bench/search', import.meta.url));
const NAME = 'search';
const ROUNDS = 4;
const count = Number(process.argv[2] ?? 100_000);

/** One in a hundred pictures, nine more, and all others; each of a folder and of a time. */
const FOLDERS = ['/all/ten/one', '/all/ten/nine', '/all/rest'];
const FILTERS: Readonly<Record<string, PictureFilter>> = {
  '1 %': { folder: '/all/ten/one' },
  '10 %': { folder: '/all/ten' },
  '99 %': { from: 1 },
};

const set = await prepareSet(CACHE, count);
const queries = await queriesOf(set);
const [images, texts] = [0, 1].map((half) => queries.filter((_, i) => i % 2 === half)) as [
  Float32Array[],
  Float32Array[],
];
const common = createVectorSource(1)
  .queries(2 * COMMON_QUERIES.length)
  .filter((_, i) => i % 2 === 1);
const known = new Map(COMMON_QUERIES.map((text, i) => [text, common[i]!]));
for (const [i, vector] of texts.entries()) known.set(`text ${i}`, vector);

const rowsOf = (rows: readonly Float32Array[]) =>
  float32(
    [rows.length, WIDTH],
    rows.flatMap((row) => [...row]),
  );
/** What of an encoder searches use. */
const encoder = {
  width: WIDTH,
  config: { text: { length: 64 } },
  logitScalars: { logTemperature: Math.log(110), bias: -16 },
  decode: undefined,
  embedTexts: async (all: readonly string[]) => rowsOf(all.map((text) => known.get(text) ?? texts[0]!)),
  embedImages: async (all: readonly unknown[]) => rowsOf(all.map((image) => images[Number(image)]!)),
} as unknown as Encoder;

function changeOf(row: number, group: number, vector: Float32Array): Change {
  const path = `${FOLDERS[group]}/${row}.jpg`;
  const file = { path, bytes: 1, modified: group, hash: row.toString(16), how: '' };
  return { kind: 'file', file, pictures: [{ kind: 'image', at: 0, width: 640, height: 480, vector }] };
}

/** Makes the collection anew, so that it is as this version makes it. */
async function build(from: SearchSet, location: string): Promise<void> {
  if ((await storeOf(location).list(location)).includes(NAME)) await storeOf(location).remove(location, NAME);
  const collection = await openCollection(location, { name: NAME, create: true });
  const model = await collection.addModel(await modelOf(encoder, 'bench'));
  const groups = await readFile(from.groups);
  const lock = await collection.lock();
  for await (const { first, rows, values } of piecesOf(from)) {
    const wide = float16ToFloat32(values);
    await collection.write(
      model.id,
      Array.from({ length: rows }, (_, i) =>
        changeOf(first + i, groups[first + i]!, wide.subarray(i * WIDTH, (i + 1) * WIDTH)),
      ),
    );
  }
  await lock.release();
  await collection.close();
}

/** CPU milliseconds of an action by this process, all threads, and wall milliseconds. */
async function timed(action: () => Promise<unknown>): Promise<{ cpu: number; wall: number }> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  await action();
  const { user, system } = process.cpuUsage(before);
  return { cpu: (user + system) / 1000, wall: performance.now() - start };
}

const number = (value: number) => value.toFixed(1).padStart(8);

async function measure(title: string, action: (i: number) => Promise<unknown>): Promise<void> {
  const first = await timed(() => action(0));
  for (let i = 0; i < texts.length; i++) await action(i);
  const times = [];
  for (let i = 0; i < ROUNDS * texts.length; i++) times.push(await timed(() => action(i % texts.length)));
  const [cpus, walls] = [times.map(({ cpu }) => cpu), times.map(({ wall }) => wall)];
  const mean = cpus.reduce((sum, cpu) => sum + cpu, 0) / cpus.length;
  const cells = [first.cpu, first.wall, mean, percentile(walls, 0.5), percentile(walls, 0.99)];
  console.log(`${title.padEnd(28)}${cells.map(number).join('')}`);
}

const location = join(set.folder, 'collections');
await build(set, location);
const opening = await timed(async () => {
  const collection = await openCollection(location, { name: NAME });
  await collection.nearest(1, texts[0]!, { limit: 1 });
  await collection.close();
});
console.log(`${count.toLocaleString('en')} pictures; open to the first answer: ${number(opening.wall)} ms`);
console.log(`milliseconds${' '.repeat(16)}1st, CPU    wall |   CPU    p50     p99`);

const collection = await openCollection(location, { name: NAME });
const ask = (query: Query, filter?: PictureFilter) =>
  search(collection, encoder, query, { filter, model: 1 });
await measure('nearest, 24', (i) => collection.nearest(1, texts[i]!, { limit: 24 }));
await measure('nearest, 96', (i) => collection.nearest(1, texts[i]!, { limit: 96 }));
for (const [name, filter] of Object.entries(FILTERS))
  await measure(`nearest, 24, filter ${name}`, (i) =>
    collection.nearest(1, texts[i]!, { limit: 24, filter }),
  );
await measure('text', (i) => ask({ texts: [`text ${i}`] }));
for (const [name, filter] of Object.entries(FILTERS))
  await measure(`text, filter ${name}`, (i) => ask({ texts: [`text ${i}`] }, filter));
await measure('image', (i) => ask({ images: [String(i)] }));
await measure('image and text', (i) => ask({ texts: [`text ${i}`], images: [String(i)] }));
await measure('text, not text', (i) =>
  ask({ texts: [`text ${i}`], not: { texts: [`text ${(i + 1) % texts.length}`] } }),
);
await collection.close();
