import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { EmbedImagesOptions } from '../../src/encoder/encoder.ts';
import { load } from '../../src/encoder/load.ts';
import { naflexPreprocessing } from '../../src/input/image/preprocessing.ts';
import { createApp } from '../../src/server/app.ts';
import { describeModel } from '../../src/server/modelInfo.ts';
import { float32 } from '../../src/tensor/index.ts';
import { NAFLEX } from '../checkpoint/tinyModel.ts';
import { IMAGES, saveTinyModel, temporaryFolder } from '../cli/models.ts';
import { fakeEncoder } from './fakeEncoder.ts';
import { form, HOST, png } from './requests.ts';

/** An app whose encoder notes how many patches it was asked for. */
function appWith(kind: 'fixed' | 'naflex') {
  const asked: (number | undefined)[] = [];
  const note = ({ maxNumPatches }: EmbedImagesOptions = {}) => asked.push(maxNumPatches);
  const encoder = fakeEncoder({
    ...(kind === 'naflex' && { config: NAFLEX, preprocessing: naflexPreprocessing(), maxNumPatches: 256 }),
    async embedImages(images, options) {
      note(options);
      return float32([images.length, 3], new Float32Array(3 * images.length));
    },
    async classify(_images, _labels, options) {
      note(options);
      return [[]];
    },
  });
  const app = createApp({ encoder, model: describeModel('a model', encoder), log: () => {} });
  return { app, asked };
}

const ROUTES = {
  '/api/embed/images': async () => ({ images: await png(255, 0, 0) }),
  '/api/classify': async () => ({ image: await png(255, 0, 0), labels: 'red' }),
} as const;

describe.each(Object.entries(ROUTES))('maxPatches of %s', (path, fields) => {
  it('is how finely a NaFlex model looks at the pictures of the request', async () => {
    const { app, asked } = appWith('naflex');
    for (const maxPatches of [[], ['1024']])
      expect((await app.request(path, form({ ...(await fields()), maxPatches }))).status).toBe(200);
    expect(asked).toEqual([undefined, 1024]);
  });

  it.each(['0', '1025', '2.5', 'many', ''])('is refused as %j, with the limit', async (maxPatches) => {
    const { app, asked } = appWith('naflex');
    const response = await app.request(path, form({ ...(await fields()), maxPatches }));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: 'maxPatches: is not a whole number from 1 to 1024' });
    expect(asked).toEqual([]);
  });

  it('is refused where the model has one resolution, with the reason', async () => {
    const { app, asked } = appWith('fixed');
    const response = await app.request(path, form({ ...(await fields()), maxPatches: '64' }));
    expect(response.status).toBe(400);
    expect(JSON.stringify(await response.json())).toContain(
      'maxPatches: this model takes images of 30 × 30 pixels only',
    );
    expect(asked).toEqual([]);
  });
});

it('a picture is decoded at the patches of the request: the answer is that of the library', async () => {
  const folder = temporaryFolder();
  const encoder = await load(await saveTinyModel(folder, 'naflex'), { threads: 1 });
  const app = createApp({ encoder, model: describeModel('a model', encoder), log: () => {} });
  const answer = z.object({ embeddings: z.array(z.array(z.number())) });
  const bytes = readFileSync(IMAGES[0]!);
  // 16 is what the model says: fewer, and more than it would have left of the picture.
  for (const patches of [9, 100]) {
    const fields = { images: new File([new Uint8Array(bytes)], 'a.png'), maxPatches: String(patches) };
    const response = await app.request('/api/embed/images', form(fields));
    expect(response.status).toBe(200);
    const { data } = await encoder.embedImages([IMAGES[0]!], { maxNumPatches: patches });
    expect(answer.parse(await response.json()).embeddings).toEqual([Array.from(data)]);
  }
  await encoder.dispose();
});

it('/api/model says how many patches an image has at most', async () => {
  const model = z.object({ maxPatches: z.number().nullable() });
  const answer = async (kind: 'fixed' | 'naflex') =>
    model.parse(await (await appWith(kind).app.request('/api/model', { headers: HOST })).json()).maxPatches;
  expect(await answer('naflex')).toBe(256);
  expect(await answer('fixed')).toBeNull();
});

it('/openapi.json states the field and its limit', async () => {
  const { app } = appWith('naflex');
  const document = JSON.stringify(await (await app.request('/openapi.json', { headers: HOST })).json());
  expect(document.match(/"maxPatches":\{"type":"integer","minimum":1,"maximum":1024/g)).toHaveLength(2);
});
