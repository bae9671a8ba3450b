import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { appWith, ask, pngUri } from './app.ts';

const app = appWith();
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const red = await pngUri(255, 0, 0);
const blue = await pngUri(0, 0, 255);

const rerankSchema = z.object({
  model: z.string(),
  results: z.array(
    z.object({
      index: z.number(),
      relevance_score: z.number(),
      document: z.object({ text: z.string() }).optional(),
    }),
  ),
  usage: z.object({ total_tokens: z.number() }),
  truncated: z.array(z.number()),
  query_truncated: z.boolean(),
});

async function rerank(body: object) {
  const { status, answer } = await ask(app, '/v1/rerank', body);
  expect(status, JSON.stringify(answer)).toBe(200);
  return rerankSchema.parse(answer);
}

const refusal = async (path: string, body: object) => JSON.stringify((await ask(app, path, body)).answer);

describe('POST /v1/rerank', () => {
  it('orders texts by the cosine with a text, at most so many, with their texts where they are wanted', async () => {
    const documents = ['blue', { text: 'red' }, 'red blue'];
    const { results } = await rerank({ query: 'red', documents });
    expect(results.map(({ index }) => index)).toEqual([1, 2, 0]);
    expect(results.map(({ relevance_score }) => relevance_score)).toEqual([
      1,
      expect.closeTo(Math.SQRT1_2),
      0,
    ]);
    expect(results[0]).not.toHaveProperty('document');
    const two = await rerank({ query: 'red', documents, top_n: 2, return_documents: true });
    expect(two.results.map(({ document }) => document?.text)).toEqual(['red', 'red blue']);
  });

  it('gives probabilities between images and texts, whichever of them is the query', async () => {
    const images = [{ image: blue }, { image: red }];
    const byText = await rerank({ query: { text: 'red' }, documents: images, return_documents: true });
    expect(byText.results).toEqual([
      { index: 1, relevance_score: expect.closeTo(sigmoid(5)) },
      { index: 0, relevance_score: expect.closeTo(sigmoid(-5)) },
    ]);
    const byImage = await rerank({ query: { image: red }, documents: ['blue', 'red'] });
    expect(byImage.results.map(({ relevance_score }) => relevance_score)).toEqual([
      expect.closeTo(sigmoid(5)),
      expect.closeTo(sigmoid(-5)),
    ]);
    const alike = await rerank({ query: { image: red }, documents: images });
    expect(alike.results[0]).toEqual({ index: 1, relevance_score: 1 });
  });

  it('says what was not read whole', async () => {
    const long = 'one two three four five six seven eight red';
    const { truncated, query_truncated } = await rerank({ query: long, documents: ['red', long] });
    expect([truncated, query_truncated]).toEqual([[1], true]);
    expect((await rerank({ query: 'red', documents: [long] })).query_truncated).toBe(false);
  });

  it('refuses documents of both kinds, and none', async () => {
    const query = 'red';
    expect(await refusal('/v1/rerank', { query, documents: ['red', { image: red }] })).toMatch(
      /documents\.1: is an image, those before it are not.*two requests/,
    );
    expect(await refusal('/v1/rerank', { query, documents: [] })).toMatch(/documents: needs at least one/);
    expect(await refusal('/v1/rerank', { documents: ['a'] })).toMatch(/query: is missing/);
    expect(await refusal('/v1/rerank', { query: [1], documents: ['a'] })).toMatch(/query: an item is a text/);
    expect(await refusal('/v1/rerank', { query, documents: ['a'], top_n: 0 })).toMatch(/top_n: /);
    expect(await refusal('/v1/rerank', { query, documents: ['a'], model: 'b' })).toMatch(/model_not_found/);
  });
});

describe('POST /v1/classify', () => {
  const classify = async (body: object) => {
    const { status, answer } = await ask(app, '/v1/classify', body);
    expect(status, JSON.stringify(answer)).toBe(200);
    return answer;
  };

  it('scores each label by itself for each image, in the order of the images', async () => {
    const input = [{ image: red }, { image: blue }];
    const labels = ['red', 'blue', 'red'];
    expect(await classify({ input, labels, templates: ['{}'] })).toEqual({
      model: 'org/a-model',
      data: ['red', 'blue'].map((best, index) => ({
        index,
        scores: [
          { label: best, probability: expect.closeTo(sigmoid(5)) },
          { label: best === 'red' ? 'blue' : 'red', probability: expect.closeTo(sigmoid(-5)) },
        ],
      })),
      truncated_labels: [],
    });
  });

  it('puts labels into the sentences that are asked for, and says which are too long', async () => {
    const input = { image: red };
    // The fake encoder marks labels with the name of their templates.
    expect(JSON.stringify(await classify({ input, labels: ['red'], templates: 'clip_paper' }))).toMatch(
      /red \(clip_paper\)/,
    );
    expect(JSON.stringify(await classify({ input, labels: ['red'] }))).toMatch(/red \(clip_best\)/);
    const long = 'a red that has more than seven words';
    expect(await classify({ input, labels: [long, 'red'], templates: ['{}', 'a {}'] })).toMatchObject({
      truncated_labels: [long],
    });
  });

  it.each<[string, object, RegExp]>([
    ['a text', { input: ['red'] }, /input: is a text; send an image/],
    ['a text among images', { input: [{ image: red }, 'a'] }, /input\.1: is a text/],
    ['no labels', { labels: [] }, /labels: needs at least one label/],
    ['an empty label', { labels: ['a', ''] }, /labels\.1: is empty/],
    ['a label of 100 kB', { labels: ['x'.repeat(100_000)] }, /labels\.0: .*limit of 4096 bytes/],
    ['65 labels', { labels: Array(65).fill('a') }, /labels: .*64 labels/],
    ['a template without a place', { templates: ['a'] }, /templates\.0: has no \\"\{\}\\"/],
    ['no such templates', { templates: 'nice' }, /templates: .*clip_best/],
    ['82 templates', { templates: Array(82).fill('{}') }, /templates: .*81 templates/],
    ['17 images', { input: Array(17).fill({ image: red }) }, /input: has 17 items.*16/],
  ])('refuses %s', async (_, fields, message) => {
    expect(await refusal('/v1/classify', { input: { image: red }, labels: ['a'], ...fields })).toMatch(
      message,
    );
  });
});
