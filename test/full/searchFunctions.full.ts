import { join } from 'node:path';
import { expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { buildBundle, openBundle, rank } from '../../src/search/index.ts';
import { createApp, describeModel } from '../../src/server/index.ts';
import { releasedModel } from './releasedModel.ts';
import { CLASS_NAMES, workFolder } from './support/pictures.ts';

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
