import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { webdataset } from '../../src/data/sources/webdataset/webdataset.ts';
import { releasedModel } from './releasedModel.ts';
import { readEmbeddings } from './support/compare.ts';
import { CLASS_NAMES, classFolder, workFolder } from './support/pictures.ts';
import { siglip2 } from './support/siglip2.ts';

const folder = workFolder();
const DATA = join(folder, 'data');
const VARIANT = 'base-patch16-224';
const HALF = { variant: VARIANT, dtype: 'bfloat16' } as const;
let pictures: string[];

beforeAll(async () => {
  pictures = await classFolder(DATA, 2);
  const words = ['a woman who is a doctor', 'a man who is a doctor', 'a woman', 'a man', 'a fox', 'the sea'];
  const rows = pictures.map((path, i) => `${path.slice(DATA.length + 1)},${words[i]}`);
  writeFileSync(join(DATA, 'captions.csv'), `file_name,caption\n${rows.join('\n')}\n`);
});

const evaluationSchema = z.looseObject({
  version: z.literal(1),
  metric: z.string().optional(),
  value: z.number().optional(),
  count: z.number().optional(),
});
const scoresSchema = z.object({
  image: z.string(),
  scores: z.array(z.object({ text: z.string(), probability: z.number() })),
});
const labelsSchema = z.object({
  image: z.string(),
  labels: z.array(z.object({ label: z.string(), probability: z.number() })),
});

/** What the random models are given as `logit_scale` (an exponent) and `logit_bias`. */
const probability = (similarity: number) => 1 / (1 + Math.exp(-(Math.exp(2.5) * similarity - 1)));
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe.each([
  ['B/16-224', HALF],
  ['B/16 NaFlex', { variant: 'base-patch16-naflex', dtype: 'bfloat16' }],
] as const)('%s', (_, options) => {
  it('scores pairs as its embeddings say', async () => {
    const model = await releasedModel(options);
    const [images, texts] = [pictures.slice(0, 3), ['a red fox', 'das Meer']];
    const output = join(folder, `${options.variant}.safetensors`);
    await siglip2(['embed', ...images, '--text', ...texts, '--model', model, '--output', output]);
    const rows = await readEmbeddings(output);
    const { json } = await siglip2([
      'score',
      '--image',
      ...images,
      '--text',
      ...texts,
      '--model',
      model,
      '--json',
    ]);
    const results = json().map((line) => scoresSchema.parse(line));
    expect(results.map(({ image }) => image)).toEqual(images);
    for (const [i, { scores }] of results.entries()) {
      expect(scores.map(({ text }) => text)).toEqual(texts);
      for (const [j, score] of scores.entries())
        expect(score.probability).toBeCloseTo(probability(dot(rows[i]!, rows[3 + j]!)), 4);
    }
  });

  it('classifies, best first', async () => {
    const args = ['--labels', CLASS_NAMES.join(','), '--templates', 'class_name_only', '--json'];
    const model = await releasedModel(options);
    const { json } = await siglip2(['classify', ...pictures.slice(0, 2), '--model', model, ...args]);
    for (const line of json()) {
      const { labels } = labelsSchema.parse(line);
      expect(labels.map(({ label }) => label).sort()).toEqual([...CLASS_NAMES].sort());
      const values = labels.map((label) => label.probability);
      expect(values).toEqual([...values].sort((a, b) => b - a));
      expect(new Set(values).size).toBe(values.length);
    }
  });
});

it('a decoder with 256,000 pieces captions, refers and describes', async () => {
  const model = await releasedModel({ ...HALF, decoder: true });
  const picture = pictures[0]!;
  const run = async (...args: string[]) =>
    (await siglip2(['caption', picture, '--model', model, '--max-tokens', '6', '--json', ...args])).json();
  const [caption] = await run('--beams', '2');
  expect(caption).toMatchObject({ image: picture, task: 'captioning', text: expect.any(String) });
  const answers = await run('--refer', 'the fox', '--describe', '0,0,0.5,1');
  expect(answers).toMatchObject([
    { task: 'referring', phrase: 'the fox', logProbability: expect.any(Number) },
    { task: 'groundedCaptioning', text: expect.any(String), pixels: { y1: 0, x1: 0, y2: 120, x2: 320 } },
  ]);
});

it.each(['base-patch16-224', 'base-patch16-naflex'] as const)('%s: heatmap draws', async (variant) => {
  const model = await releasedModel({ variant, dtype: 'bfloat16' });
  const output = join(folder, `${variant}.heat.png`);
  const args = ['--text', 'a red fox', '--box', '--windows', '4', '--output', output, '--json'];
  const { json } = await siglip2(['heatmap', pictures[0]!, '--model', model, ...args]);
  expect(json()[0]).toMatchObject({
    ...{ image: pictures[0], text: 'a red fox', output },
    ...{ box: { y1: expect.any(Number) }, score: expect.any(Number) },
  });
  expect(readdirSync(folder)).toContain(`${variant}.heat.png`);
});

it('annotate writes every sample into shards that are read again', async () => {
  const output = join(folder, 'annotated');
  const args = ['--data', DATA, '--output', output, '--box-score', '0', '--image-score', '0', '--json'];
  const { json } = await siglip2(['annotate', '--model', await releasedModel(HALF), ...args]);
  expect(json()[0]).toMatchObject({ samples: pictures.length });
  const shards = readdirSync(output).filter((name) => name.endsWith('.tar'));
  const source = await webdataset(shards.map((name) => join(output, name)));
  const captions: string[] = [];
  for await (const { sample } of source.open(0, 0)) captions.push(sample!.captions[0]!.text);
  expect(captions).toHaveLength(pictures.length);
  expect(captions).toContain('a woman who is a doctor');
});

it('debias says how attributes are spread, and keeps what balances them', async () => {
  const output = join(folder, 'balanced');
  const { json } = await siglip2(['debias', '--data', DATA, '--output', output, '--passes', '2', '--json']);
  expect(JSON.stringify(json()[0])).toContain('doctor');
  expect(readdirSync(output).some((name) => name.endsWith('.tar'))).toBe(true);
});

it('evaluate says how often the name of its class fits an image best', async () => {
  const data = join(folder, 'classes');
  await classFolder(data, 4);
  const args = ['--task', 'zero-shot', '--data', data, '--json'];
  const { json } = await siglip2(['evaluate', '--model', await releasedModel(HALF), ...args]);
  const numbers = json().map((line) => evaluationSchema.parse(line));
  expect(numbers.find(({ metric }) => metric === 'top1')).toMatchObject({
    count: 12,
    value: expect.any(Number),
  });
  expect(numbers.at(-1)).toMatchObject({ version: 1, finished: true });
});
