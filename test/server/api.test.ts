import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Bundle } from '../../src/search/bundle/bundle.ts';
import { createApp } from '../../src/server/app.ts';
import { describeModel } from '../../src/server/modelInfo.ts';
import type { Service } from '../../src/server/service.ts';
import { float32 } from '../../src/tensor/index.ts';
import { fakeEncoder } from './fakeEncoder.ts';
import { form, HOST, json, png } from './requests.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

const NAMES = ['red', 'green', 'blue', 'dark red', 'yellow'];
const bundle: Bundle = {
  description: 'colours',
  size: 8,
  items: NAMES.map((name, i) => ({
    id: `c${i}`,
    emoji: '⬛',
    name,
    ...(name === 'dark red' && { variantOf: 'c0' }),
  })),
  embeddings: float32([5, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.8, 0.6, 0, Math.SQRT1_2, Math.SQRT1_2, 0]),
  pictures: NAMES.map((_, i) => Uint8Array.of(i, i + 1)),
};

function appWith(changes: Partial<Service> = {}) {
  const encoder = changes.encoder ?? fakeEncoder();
  return createApp({
    encoder,
    model: describeModel('a model', encoder),
    bundle,
    log: () => {},
    ...changes,
  });
}
const app = appWith();

const errorOf = async (response: Response): Promise<string> =>
  z.object({ error: z.string() }).parse(await response.json()).error;

const hitsSchema = z.object({ hits: z.array(z.looseObject({ name: z.string(), probability: z.number() })) });
const scoresSchema = z.object({ scores: z.array(z.object({ label: z.string(), probability: z.number() })) });
const embeddingsSchema = z.object({ width: z.number(), embeddings: z.array(z.array(z.number())) });

describe('POST /api/search', () => {
  async function search(body: object) {
    const response = await app.request('/api/search', json(body));
    expect(response.status).toBe(200);
    return hitsSchema.parse(await response.json()).hits;
  }

  it('ranks by probability, with the sigmoid of scaled cosine and bias', async () => {
    const hits = await search({ text: 'RED' });
    expect(hits.map(({ name }) => name)).toEqual(['red', 'yellow', 'green', 'blue']);
    // Float32 embeddings: seven digits.
    expect(hits[0]?.probability).toBeCloseTo(sigmoid(10 - 5), 6);
    expect(hits[1]?.probability).toBeCloseTo(sigmoid(10 * Math.SQRT1_2 - 5), 6);
    expect(hits[2]?.probability).toBeCloseTo(sigmoid(-5), 6);
    expect(hits[0]).toMatchObject({ index: 0, id: 'c0', emoji: '⬛' });
  });

  it('shows the best variant only, unless all are asked for', async () => {
    // (0.8, 0.6, 0) fits red + green better than red alone does.
    expect((await search({ text: 'red green' })).map(({ name }) => name)).toEqual([
      'yellow',
      'dark red',
      'green',
      'blue',
    ]);
    const all = await search({ text: 'red', variants: true });
    expect(all.map(({ name }) => name)).toEqual(['red', 'dark red', 'yellow', 'green', 'blue']);
  });

  it('gives as many as asked for', async () => {
    expect(await search({ text: 'blue', limit: 1 })).toHaveLength(1);
  });

  it.each([
    ['no text', {}, /^text: /],
    ['a blank text', { text: '  ' }, /^text: is empty/],
    ['a number', { text: 5 }, /^text: .*string/],
    ['a text of 4097 bytes', { text: `${'é'.repeat(2048)}x` }, /^text: .*4096 bytes/],
    ['limit 0', { text: 'a', limit: 0 }, /^limit: /],
    ['limit 201', { text: 'a', limit: 201 }, /^limit: /],
    ['broken JSON', '{"text":', /not valid JSON/],
    ['an array', [], /expected object/],
  ])('refuses %s', async (_, body, message) => {
    const response = await app.request('/api/search', json(body));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatch(message);
  });

  it('takes a text of exactly 4096 bytes', async () => {
    expect(await search({ text: 'é'.repeat(2048) })).toHaveLength(4);
  });

  it('answers 404 when the model has no collection', async () => {
    const response = await appWith({ bundle: undefined }).request('/api/search', json({ text: 'a' }));
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatch(/no collection/);
  });

  it('refuses bodies above the limit and other content types', async () => {
    const large = await app.request('/api/search', json({ text: 'a', padding: 'x'.repeat(600_000) }));
    expect(large.status).toBe(413);
    expect(await errorOf(large)).toMatch(/524288 bytes/);
    const headers = { ...HOST, 'content-type': 'text/plain' };
    const plain = await app.request('/api/search', { method: 'POST', headers, body: '{"text":"a"}' });
    expect(plain.status).toBe(415);
    expect(await errorOf(plain)).toMatch(/content type/);
  });

  it('tells nothing of a failure inside, but logs it', async () => {
    const lines: string[] = [];
    const encoder = fakeEncoder({ embedTexts: () => Promise.reject(new Error('secret detail')) });
    const broken = appWith({ encoder, log: (line) => lines.push(line) });
    const response = await broken.request('/api/search', json({ text: 'a' }));
    expect(response.status).toBe(500);
    expect(await errorOf(response)).not.toMatch(/secret/);
    expect(lines.join()).toMatch(/POST \/api\/search: .*secret detail/);
  });
});

describe('POST /api/classify', () => {
  async function classify(fields: Parameters<typeof form>[0], to = app) {
    const response = await to.request('/api/classify', form(fields));
    expect(response.status).toBe(200);
    return scoresSchema.parse(await response.json()).scores;
  }

  it('scores each label by itself, best first', async () => {
    const scores = await classify({
      image: await png(0, 0, 255),
      labels: ['red', 'blue', 'blue red'],
      prompts: 'class_name_only',
    });
    expect(scores.map(({ label }) => label.split(' (')[0])).toEqual(['blue', 'blue red', 'red']);
    expect(scores[0]?.probability).toBeCloseTo(sigmoid(5), 6);
    expect(scores[1]?.probability).toBeCloseTo(sigmoid(10 * Math.SQRT1_2 - 5), 6);
  });

  it('takes one label, and each label once', async () => {
    const image = await png(255, 0, 0);
    expect(await classify({ image, labels: 'red' })).toHaveLength(1);
    expect(await classify({ image, labels: ['red', ' red ', 'blue'] })).toHaveLength(2);
  });

  it('uses the prompts that the model was trained for, or those asked for', async () => {
    const image = await png(255, 0, 0);
    const labelFor = async (fields: object, to = app) =>
      (await classify({ image, labels: 'Red!', ...fields }, to))[0]?.label;
    expect(await labelFor({})).toBe('Red! (clip_best)');
    expect(await labelFor({ prompts: 'clip_paper' })).toBe('Red! (clip_paper)');
    const bare = appWith({ encoder: fakeEncoder({ templates: ['{}'] }) });
    expect(await labelFor({}, bare)).toBe('Red!');
  });

  it('drops alpha, as the library does, unless the model names a colour', async () => {
    const [dropped] = await classify({ image: await png(255, 0, 0, 0), labels: 'red' });
    expect(dropped?.probability).toBeCloseTo(sigmoid(10 - 5), 6);
    // On white it is white: for the fake encoder grey, with a cosine of 1/√3 to every colour.
    const encoder = { ...fakeEncoder(), decode: { background: [255, 255, 255] as const } };
    const [blended] = await classify({ image: await png(255, 0, 0, 0), labels: 'red' }, appWith({ encoder }));
    expect(blended?.probability).toBeCloseTo(sigmoid(10 / Math.sqrt(3) - 5), 6);
  });

  it.each<[string, Parameters<typeof form>[0], RegExp]>([
    ['no image', { labels: 'a' }, /^image: is missing/],
    ['a text instead of a file', { image: 'x', labels: 'a' }, /^image: is missing/],
    ['an empty file', { image: new File([], 'a.png'), labels: 'a' }, /^image: is an empty file/],
    ['text in a file', { image: new File(['hello'], 'a.png'), labels: 'a' }, /a\.png: is not an image/],
    [
      'SVG',
      { image: new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'a.svg'), labels: 'a' },
      /is svg, which is not accepted/,
    ],
    [
      'a damaged file',
      { image: new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0)], 'a.png'), labels: 'a' },
      /a\.png: can't be decoded/,
    ],
  ])('refuses %s', async (_, fields, message) => {
    const response = await app.request('/api/classify', form(fields));
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatch(message);
  });

  it('refuses labels that are missing, empty, too many, or unknown prompts', async () => {
    const image = await png(1, 2, 3);
    for (const [fields, message] of [
      [{ image }, /^labels: /],
      [{ image, labels: ['a', ' '] }, /^labels\.1: is empty/],
      [{ image, labels: Array.from({ length: 65 }, (_, i) => `l${i}`) }, /^labels: .*64 texts/],
      [{ image, labels: 'a', prompts: 'nice' }, /^prompts: /],
    ] as const) {
      const response = await app.request('/api/classify', form(fields));
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatch(message);
    }
  });

  it('refuses files above the limit, in the form and before it is parsed', async () => {
    const over = new File([new Uint8Array(20 * 2 ** 20 + 1)], 'large.png');
    const inForm = await app.request('/api/classify', form({ image: over, labels: 'a' }));
    expect(inForm.status).toBe(400);
    expect(await errorOf(inForm)).toMatch(/^image: .*20971520 bytes/);
    const huge = new File([new Uint8Array(21 * 2 ** 20)], 'huge.png');
    const early = await app.request('/api/classify', form({ image: huge, labels: 'a' }));
    expect(early.status).toBe(413);
  });
});

describe('POST /api/embed', () => {
  it('gives one row per text, in order', async () => {
    const response = await app.request('/api/embed', json({ texts: ['blue', 'red'] }));
    expect(response.status).toBe(200);
    expect(embeddingsSchema.parse(await response.json())).toEqual({
      width: 3,
      embeddings: [
        [0, 0, 1],
        [1, 0, 0],
      ],
    });
  });

  it('gives one row per image, in order', async () => {
    const images = [await png(0, 255, 0), await png(255, 0, 0)];
    const response = await app.request('/api/embed/images', form({ images }));
    expect(embeddingsSchema.parse(await response.json()).embeddings).toEqual([
      [0, 1, 0],
      [1, 0, 0],
    ]);
  });

  it('refuses none and too many', async () => {
    const texts = Array.from({ length: 65 }, () => 'a');
    for (const body of [{}, { texts: [] }, { texts }, { texts: 'a' }]) {
      const response = await app.request('/api/embed', json(body));
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatch(/^texts: /);
    }
    const image = await png(1, 1, 1);
    for (const images of [[], Array.from({ length: 17 }, () => image)]) {
      const response = await app.request('/api/embed/images', form({ images, other: 'x' }));
      expect(response.status).toBe(400);
      expect(await errorOf(response)).toMatch(/^images: /);
    }
  });
});

describe('GET', () => {
  it('/api/model says what the model is', async () => {
    const response = await app.request('/api/model', { headers: HOST });
    expect(await response.json()).toMatchObject({
      name: 'a model',
      width: 3,
      kind: 'fixed',
      licence: null,
      gallery: { count: 5, size: 8, description: 'colours' },
    });
    const bare = await appWith({ bundle: undefined }).request('/api/model', { headers: HOST });
    expect(await bare.json()).toMatchObject({ gallery: null });
  });

  it('/gallery gives the pictures', async () => {
    const response = await app.request('/gallery/3.webp', { headers: HOST });
    expect(response.headers.get('content-type')).toBe('image/webp');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([3, 4]);
    for (const path of ['/gallery/5.webp', '/gallery/x.webp', '/gallery/-1.webp', '/gallery/..%2f0.webp']) {
      expect((await app.request(path, { headers: HOST })).status).toBe(404);
    }
  });

  it('/openapi.json describes every route and its limits', async () => {
    const response = await app.request('/openapi.json', { headers: HOST });
    const document = z
      .looseObject({ openapi: z.string(), paths: z.record(z.string(), z.unknown()) })
      .parse(await response.json());
    // Those that programs have been written against: they stay as they are.
    const old = Object.keys(document.paths).filter((path) => /^\/(api|gallery)\//.test(path));
    expect(old.sort()).toEqual([
      '/api/classify',
      '/api/embed',
      '/api/embed/images',
      '/api/model',
      '/api/search',
      '/gallery/{file}',
    ]);
    expect(JSON.stringify(document)).toContain('"maxItems":64');
  });

  it('anything else is a 404 in JSON', async () => {
    const response = await app.request('/api/nothing', { headers: HOST });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatch(/no GET \/api\/nothing/);
    expect((await app.request('/api/search', { headers: HOST })).status).toBe(404);
  });
});
