import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { load, patchScores } from '../../src/index.ts';
import { MODEL_PROBE } from '../../src/search/collection/modelProbe.ts';
import {
  buildBundle,
  type Change,
  drawBox,
  drawHeatmap,
  findDuplicates,
  findRegion,
  indexPictures,
  openBundle,
  openCollection,
  rank,
  search,
} from '../../src/search/index.ts';
import { createApp, describeModel } from '../../src/server/index.ts';
import { releasedModel } from './releasedModel.ts';
import { CLASS_NAMES, classFolder, shapedPictures, workFolder } from './support/pictures.ts';

const folder = workFolder();
const SIZE = 64;

it('a collection of B/16’s embeddings is made, opened, ranked and served', async () => {
  const encoder = await load(await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' }));
  try {
    const items = CLASS_NAMES.map((name, i) => ({ id: String(i), emoji: '🦊', name }));
    const picture = (index: number) =>
      Uint8Array.from({ length: SIZE * SIZE * 4 }, (_, i) => (i % 4 === index || i % 4 === 3 ? 255 : i % 97));
    const path = join(folder, 'collection');
    await buildBundle(encoder, { description: 'Three colours.', size: SIZE, items, picture }, path);
    const collection = (await openBundle(path, encoder))!;
    expect(collection.embeddings.shape).toEqual([3, 768]);
    const query = await encoder.embedTexts(['a red fox']);
    const hits = rank(collection, query, encoder.logitScalars, { limit: 2 });
    expect(hits).toHaveLength(2);
    expect(hits[0]!.probability).toBeGreaterThanOrEqual(hits[1]!.probability);
    const app = createApp({ encoder, bundle: collection, model: describeModel('B/16', encoder) });
    const response = await app.request('http://localhost/api/search', {
      method: 'POST',
      headers: { host: 'localhost', 'content-type': 'application/json' },
      body: JSON.stringify({ text: 'a red fox', limit: 2 }),
    });
    expect(response.status).toBe(200);
    const { hits: served } = (await response.json()) as { hits: { name: string }[] };
    expect(served.map(({ name }) => name)).toEqual(hits.map(({ name }) => name));
  } finally {
    await encoder.dispose();
  }
});

it('the part of a picture that fits a text is found and drawn, with B/16', async () => {
  const encoder = await load(await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' }));
  try {
    const [picture] = await shapedPictures(join(folder, 'pictures'), [[320, 240]]);
    const texts = await encoder.embedTexts(['a red fox']);
    const { cosines } = await patchScores(encoder, picture!, texts);
    expect(cosines.shape).toEqual([1, 196]);
    const { box, scores } = await findRegion(encoder, picture!, texts.data, { windows: 2 });
    const files = [join(folder, 'box.webp'), join(folder, 'heat.jpg')] as const;
    await drawBox(picture!, [box], files[0]);
    await drawHeatmap(picture!, scores, files[1], { boxes: [box] });
    expect(files.every((file) => existsSync(file))).toBe(true);
  } finally {
    await encoder.dispose();
  }
});

it('a collection of B/16’s embeddings is searched, and its copies are found', async () => {
  const encoder = await load(await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' }));
  try {
    const collection = await openCollection('memory:full', { name: 'photos', create: true });
    const probe = {
      name: 'B/16',
      width: encoder.width,
      probe: (await encoder.embedTexts([MODEL_PROBE])).data,
    };
    const model = await collection.addModel(probe);
    const paths = await classFolder(join(folder, 'photos'), 3);
    const { data } = await encoder.embedImages([...paths, paths[0]!]);
    const changes = [...paths, join(folder, 'copy.jpg')].map((path, i): Change => {
      const vector = data.slice(i * encoder.width, (i + 1) * encoder.width);
      const file = { path, bytes: 1000, modified: i, hash: String(i), how: '' };
      return { kind: 'file', file, pictures: [{ kind: 'image', at: 0, width: 320, height: 240, vector }] };
    });
    await collection.write(model.id, changes);
    const { hits } = await search(collection, encoder, { images: [paths[4]!] }, { all: true, limit: 3 });
    expect(hits[0]!.picture.path).toBe(paths[4]);
    const { groups } = await findDuplicates(collection, { threshold: 0.9999 });
    expect(groups[0]!.copies.map(({ picture }) => picture.path)).toContain(join(folder, 'copy.jpg'));
    await collection.close();
  } finally {
    await encoder.dispose();
  }
});

it('a folder is indexed by a program', async () => {
  const encoder = await load(await releasedModel({ variant: 'base-patch16-224', dtype: 'bfloat16' }));
  const collection = await openCollection(join(folder, 'collections'), { name: 'few', create: true });
  try {
    const pictures = join(folder, 'few');
    await shapedPictures(pictures, [
      [300, 200],
      [200, 300],
    ]);
    expect((await indexPictures(collection, encoder, [pictures])).files.new).toBe(2);
    expect((await indexPictures(collection, encoder, [pictures])).files.unchanged).toBe(2);
  } finally {
    await collection.close();
    await encoder.dispose();
  }
});
