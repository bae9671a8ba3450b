import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { load, patchScores } from '../../src/index.ts';
import { buildBundle, drawBox, drawHeatmap, findRegion, openBundle, rank } from '../../src/search/index.ts';
import { createApp, describeModel } from '../../src/server/index.ts';
import { releasedModel } from './releasedModel.ts';
import { CLASS_NAMES, shapedPictures, workFolder } from './support/pictures.ts';

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
    const app = createApp({ encoder, collection, model: describeModel('B/16', encoder) });
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
