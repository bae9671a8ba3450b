import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { releasedModel } from './releasedModel.ts';
import { cosine, readEmbeddings } from './support/compare.ts';
import { CLASS_NAMES, shapedPictures, workFolder } from './support/pictures.ts';
import { assertFits, type Started, siglip2, startSiglip2 } from './support/siglip2.ts';

const folder = workFolder();
const VARIANT = 'base-patch16-224';
const embeddingsSchema = z.object({ width: z.number(), embeddings: z.array(z.array(z.number())) });
const scoresSchema = z.object({
  scores: z.array(z.object({ label: z.string(), probability: z.number() })),
});

/** The address that the server prints. */
async function addressOf({ child, finished }: Started): Promise<string> {
  let said = '';
  child.stderr!.on('data', (text) => {
    said += String(text);
  });
  const ended = finished.then(({ err }) => {
    throw new Error(`the server ended: ${err}`);
  });
  ended.catch(() => {});
  for (;;) {
    const url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0];
    if (url !== undefined) return url;
    await Promise.race([setTimeout(50), ended]);
  }
}

it('siglip2 serve answers what the command line answers, and closes when it is interrupted', async () => {
  const pictures = await shapedPictures(`${folder}/pictures`, [
    [320, 240],
    [200, 300],
  ]);
  const texts = ['a red fox', 'ein blaues Meer'];
  const model = await releasedModel({ variant: VARIANT, dtype: 'bfloat16' });
  const output = `${folder}/rows.safetensors`;
  await siglip2(['embed', ...pictures, '--text', ...texts, '--model', model, '--output', output]);
  const expected = await readEmbeddings(output);

  const args = ['serve', '--model', model, '--port', '0'];
  const started = startSiglip2(args);
  try {
    const url = await addressOf(started);
    const post = async (path: string, init: RequestInit): Promise<unknown> => {
      const response = await fetch(url + path, { method: 'POST', ...init });
      expect(response.status).toBe(200);
      return response.json();
    };
    const form = (name: string, paths: readonly string[], fields: readonly [string, string][] = []) => {
      const body = new FormData();
      for (const path of paths) body.append(name, new Blob([readFileSync(path)]), path);
      for (const [field, value] of fields) body.append(field, value);
      return { body };
    };
    expect(await (await fetch(`${url}/api/model`)).json()).toMatchObject({ width: 768, kind: 'fixed' });
    const json = { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ texts }) };
    const [ofImages, ofTexts, scores] = await Promise.all([
      post('/api/embed/images', form('images', pictures)).then((body) => embeddingsSchema.parse(body)),
      post('/api/embed', json).then((body) => embeddingsSchema.parse(body)),
      post(
        '/api/classify',
        form(
          'image',
          pictures.slice(0, 1),
          CLASS_NAMES.map((name) => ['labels', name]),
        ),
      ).then((body) => scoresSchema.parse(body)),
    ]);
    for (const [i, row] of [...ofImages.embeddings, ...ofTexts.embeddings].entries())
      expect(cosine(row, expected[i]!)).toBeGreaterThan(0.999_999);
    expect(scores.scores.map(({ label }) => label).sort()).toEqual([...CLASS_NAMES].sort());
  } finally {
    started.child.kill('SIGINT');
  }
  const finished = await started.finished;
  expect([finished.code, finished.signal]).toEqual([0, null]);
  assertFits(args, finished);
});
