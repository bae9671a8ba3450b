import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import '../../examples/ownRoute.ts';
import '../../examples/ownSource.ts';
import '../../examples/ownStore.ts';
import { commands } from '../../src/cli/commands.ts';
import { openSource, readSource, type SourceKind, sourceKinds } from '../../src/data/index.ts';
import { openCollection, storeOf } from '../../src/search/index.ts';
import { createApp } from '../../src/server/app.ts';
import { describeModel } from '../../src/server/modelInfo.ts';
import { saveTinyModel, temporaryFolder } from '../cli/models.ts';
import { cli } from '../cli/testIo.ts';
import { picture } from '../data/pictures.ts';
import { fakeEncoder } from '../server/fakeEncoder.ts';
import { HOST } from '../server/requests.ts';

const root = join(import.meta.dirname, '../..');
const folder = temporaryFolder();
const path = (...names: string[]) => join(folder, ...names);
const guide = readFileSync(join(root, 'docs/extending.md'), 'utf8');

const images = await Promise.all(Array.from({ length: 3 }, (_, i) => picture(i, 'jpeg')));
mkdirSync(path('photos'));
images.forEach((image, i) => {
  writeFileSync(path('photos', `${i}.jpg`), image);
});

it.each(['ownSource', 'ownStore', 'ownRoute', 'ownEvaluator'])(
  'docs/extending.md shows examples/%s.ts',
  (name) => {
    const text = readFileSync(join(root, `examples/${name}.ts`), 'utf8');
    expect(guide).toContain(`\`\`\`ts\n${text}\`\`\``);
  },
);

describe('a kind of data set', () => {
  it('is opened by the paths that it takes, and in the help of --data', async () => {
    writeFileSync(path('photos/all.list'), '0.jpg\tone picture\n\n1.jpg\tanother\tin two ways\n2.jpg\n');
    const source = await openSource([path('photos/all.list')], { name: 'mine' });
    const bad: string[] = [];
    const found: [string, number][] = [];
    const tally = { good() {}, bad: ({ key }: { key: string }) => void bad.push(key) };
    for await (const { key, captions } of readSource(source, tally)) found.push([key, captions.length]);
    expect({ found, bad }).toEqual({
      found: [
        ['0.jpg', 1],
        ['1.jpg', 2],
      ],
      bad: ['2.jpg'],
    });
    expect(() => sourceKinds.register({ name: 'listed' } as SourceKind)).toThrow(/two of the .* 'listed'/);
  });

  it('serves a command', async () => {
    const model = await saveTinyModel(path('model'));
    const data = ['--data', path('photos/all.list'), '--max-bad', '0.5'];
    const { code, json, out } = await cli([
      'evaluate',
      '--task',
      'retrieval',
      '-m',
      model,
      ...data,
      '--json',
    ]);
    expect(code, out).toBe(0);
    expect(json()[0]).toMatchObject({ metric: 'textToImage@1', count: 3 });
    expect(json().at(-1)).toMatchObject({ bad: { read: 3, bad: 1 } });
  });
});

it('a store opens what another one keeps, and guards it', async () => {
  const own = await openCollection(path('collections'), { name: 'photos', create: true });
  const { id } = await own.addModel({ name: 'none', width: 1, probe: Float32Array.of(1) });
  const location = `kept://${path('collections')}`;
  const photos = await openCollection(location, { name: 'photos' });
  expect([await photos.version(), await photos.nearest(id, Float32Array.of(1), { limit: 1 })]).toEqual([
    0,
    [],
  ]);
  await expect(photos.write(id, [])).rejects.toThrow(/kept as it is/);
  expect(await storeOf(location).list(location)).toEqual(['photos']);
  await expect(storeOf(location).remove(location, 'photos')).rejects.toThrow(/kept as it is/);
  await Promise.all([photos.close(), own.close()]);
});

it('a route answers beside the others, and is guarded as they are', async () => {
  const encoder = fakeEncoder();
  const app = createApp({ encoder, model: describeModel('a model', encoder), log: () => {} });
  const ask = (query: string, headers = HOST) => app.request(`/api/alike${query}`, { headers });
  expect(await (await ask('?a=red&b=red')).json()).toEqual({ cosine: 1 });
  expect((await ask('?a=red')).status).toBe(400);
  expect((await ask('?a=red&b=red', { host: 'example.com' })).status).toBe(421);
  expect(await (await app.request('/api/model', { headers: HOST })).json()).toMatchObject({
    gallery: null,
  });
});

it('a command of the guide runs', async () => {
  const [, block = ''] = /```ts\n\/\/ src\/cli\/templates\.ts\n([\s\S]*?)```/.exec(guide) ?? [];
  const file = path('templates.ts');
  writeFileSync(file, block.replaceAll(`'./support/`, `'${join(root, 'src/cli/support')}/`));
  const [, name = ''] = /\{ name: '(\w+)', load: \(\) => import\('\.\/templates\.ts'\) \}/.exec(guide) ?? [];
  commands.register({ name, load: () => import(/* @vite-ignore */ pathToFileURL(file).href) });
  const { code, out, err } = await cli(['templates', '-m', path('model')]);
  expect({ code, err, lines: out.trim().split('\n').length }).toEqual({ code: 0, err: '', lines: 1 });
  expect((await cli(['--help'])).out).toContain('the sentences that a model puts around labels');
});
