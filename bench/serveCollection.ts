/**
 * What a collection takes over HTTP, with the embedded model: its ids, descriptions and searches, and thumbnails of pictures
 * of 12 megapixels. Vectors are made up, and so are all files but those of the thumbnails.
 *
 *   npx tsx bench/serveCollection.ts [pictures, default 100000]
 */

import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import { load } from '../src/encoder/load.ts';
import type { Change } from '../src/search/collection/change.ts';
import { modelOf } from '../src/search/collection/modelProbe.ts';
import { factsOf } from '../src/search/indexing/listing/statFiles.ts';
import { openCollection } from '../src/search/stores/stores.ts';
import { serve } from '../src/server/serve.ts';
import { createRandom } from '../src/tensor/random.ts';
import { percentile } from './search/table.ts';

const count = Number(process.argv[2] ?? 100_000);
const JPEGS = 48;
/** As many as a browser asks for at once. */
const AT_ONCE = 6;
const PIECE = 1000;

const home = await mkdtemp(join(tmpdir(), 'siglip2-bench-'));
process.env['SIGLIP2_CACHE'] = join(home, 'cache');
const random = createRandom(0, 'serveCollection');
const encoder = await load();

function vector(): Float32Array {
  const values = Float32Array.from({ length: encoder.width }, () => random.normal());
  const length = Math.hypot(...values);
  return values.map((value) => value / length);
}

const change = (path: string, bytes: number, modified: number): Change => ({
  kind: 'file',
  file: { path, bytes, modified, hash: path, how: '' },
  pictures: [{ kind: 'image', at: 0, width: 4000, height: 3000, vector: vector() }],
});

/** Photographs of 12 megapixels, about 4 MB each. */
async function jpegs(): Promise<Change[]> {
  const changes: Change[] = [];
  for (let i = 0; i < JPEGS; i++) {
    const path = join(home, `${i}.jpg`);
    const noise = { type: 'gaussian' as const, mean: 100 + 2 * i, sigma: 30 };
    const small = sharp({ create: { width: 1000, height: 750, channels: 3, background: 'black', noise } });
    await sharp(await small.png().toBuffer())
      .resize(4000, 3000)
      .jpeg({ quality: 90 })
      .toFile(path);
    const { bytes, modified } = factsOf(statSync(path));
    changes.push(change(path, bytes, modified));
  }
  return changes;
}

async function build(location: string): Promise<void> {
  const collection = await openCollection(location, { name: 'bench', create: true });
  const model = await collection.addModel(await modelOf(encoder, 'embedded'));
  const lock = await collection.lock();
  await collection.write(model.id, await jpegs());
  for (let first = 0; first < count - JPEGS; first += PIECE) {
    const length = Math.min(PIECE, count - JPEGS - first);
    const made = Array.from({ length }, (_, i) =>
      change(`${home}/none/${(first + i) % 100}/${first + i}.jpg`, 1, 1e12 + 1000 * random.int(1e9)),
    );
    await collection.write(model.id, made);
  }
  await lock.release();
  await collection.close();
}

const location = join(home, 'collections');
await build(location);
await encoder.dispose();
const { url, close } = await serve({ port: 0, signals: false, collections: location, log: () => {} });

const ask = async (path: string, body?: object): Promise<unknown> => {
  const init = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  const answer = await fetch(new URL(path, url), body && init);
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};

async function measure(title: string, action: () => Promise<unknown>, rounds = 20): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i <= rounds; i++) {
    const start = performance.now();
    await action();
    times.push(performance.now() - start);
  }
  const [first = 0, ...rest] = times;
  const number = (value: number) => value.toFixed(1).padStart(9);
  const cells = [first, percentile(rest, 0.5), percentile(rest, 0.99)];
  console.log(`${title.padEnd(34)}${cells.map(number).join('')}`);
}

console.log(
  `${count.toLocaleString('en')} pictures; milliseconds over HTTP: the first time, median, 99th percentile`,
);
await measure('GET /v1/collections', () => ask('v1/collections'));
await measure('ids, as they came', () => ask('v1/collections/bench/ids'), 10);
await measure('ids, as they were taken', () => ask('v1/collections/bench/ids?sort=taken'), 10);
await measure('ids of one folder in a hundred', () =>
  ask(`v1/collections/bench/ids?folder=${encodeURIComponent(`${home}/none/7`)}`),
);
const { ids } = z.object({ ids: z.array(z.number()) }).parse(await ask('v1/collections/bench/ids'));
const some = ids.filter((_, i) => i % Math.ceil(ids.length / 200) === 0);
await measure('descriptions of 200 pictures', () => ask('v1/collections/bench/pictures', { ids: some }));
const words = ['red', 'cat', 'a house', 'rain', 'hand'];
let asked = 0;
const query = (more: object) => () =>
  ask('v1/search', { collection: 'bench', texts: [`${words[asked++ % 5]} ${asked}`], all: true, ...more });
await measure('search by a text', query({}));
await measure('search by a text, 1,000 hits', query({ limit: 1000 }));
await measure('search by a text in a folder', query({ filter: { folder: `${home}/none/7` } }));
await measure('search by a picture', () =>
  ask('v1/search', { collection: 'bench', like: [ids[5]], all: true }),
);
await measure('search of the emoji', () => ask('v1/search', { texts: [`${words[asked++ % 5]} ${asked}`] }));

const real = ids.toSorted((a, b) => a - b).slice(0, JPEGS);
async function thumbnails(
  title: string,
  part: string,
  headers: (id: number) => Record<string, string>,
): Promise<void> {
  const start = performance.now();
  const next = real.values();
  const lane = async () => {
    for (const id of next) {
      const answer = await fetch(new URL(`v1/collections/bench/pictures/${id}/${part}`, url), {
        headers: headers(id),
      });
      await answer.arrayBuffer();
      tags.set(id, answer.headers.get('etag') ?? '');
      if (!answer.ok && answer.status !== 304) throw new Error(String(answer.status));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  console.log(
    `${title.padEnd(34)}${((1000 * real.length) / (performance.now() - start)).toFixed(1).padStart(9)} a second`,
  );
}
const tags = new Map<number, string>();
await thumbnails('thumbnails, drawn', 'thumbnail', () => ({}));
await thumbnails('thumbnails, kept', 'thumbnail', () => ({}));
await thumbnails('thumbnails, known by their tag', 'thumbnail', (id) => ({
  'if-none-match': tags.get(id) ?? '',
}));
await thumbnails('pictures of 2,048 pixels', 'image', () => ({}));
await close();
await rm(home, { recursive: true });
