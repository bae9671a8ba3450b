import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { modelOf } from '../../../src/search/collection/modelProbe.ts';
import { type WatchEvent, watchPictures } from '../../../src/search/indexing/watching/watchPictures.ts';
import { openCollection } from '../../../src/search/stores/stores.ts';
import { fakeEncoder, picture, temporaryFolder } from './fakes.ts';

const QUIET = 60;
let watches = 0;
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function watched(relist = 60_000) {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  const path = (name: string) => join(root, name);
  await picture(path('below/1.png'), 1);
  const encoder = fakeEncoder();
  const collection = await openCollection('memory:watch', {
    name: `w${watches++}`,
    create: true,
  });
  const model = await collection.addModel(await modelOf(encoder, 'fake'));
  const stop = new AbortController();
  const events: WatchEvent[] = [];
  const settings = { collection, encoder, model, paths: [root], options: {}, signal: stop.signal };
  const watching = (async () => {
    for await (const event of watchPictures({ ...settings, quiet: QUIET, relist })) events.push(event);
  })();
  stops.push(async () => {
    stop.abort();
    await watching;
  });
  const paths = async () =>
    (await collection.list({ limit: 100 })).map((one) => relative(root, one.path)).sort();
  const until = (expected: string[]) => expect.poll(paths, { timeout: 5000, interval: 20 }).toEqual(expected);
  await until(['below/1.png']);
  return { root, path, encoder, collection, events, until };
}

describe('watchPictures', () => {
  test('follows what is made, moved and removed, in new folders too', async () => {
    const { path, encoder, until } = await watched();
    await picture(path('2.png'), 2);
    await until(['2.png', 'below/1.png']);
    mkdirSync(path('new/deep'), { recursive: true });
    await picture(path('new/deep/3.png'), 3);
    await until(['2.png', 'below/1.png', 'new/deep/3.png']);
    const { count } = encoder;
    renameSync(path('new'), path('renamed'));
    await until(['2.png', 'below/1.png', 'renamed/deep/3.png']);
    expect(encoder.count).toBe(count);
    await picture(path('renamed/deep/4.png'), 4);
    await until(['2.png', 'below/1.png', 'renamed/deep/3.png', 'renamed/deep/4.png']);
    rmSync(path('renamed'), { recursive: true });
    await until(['2.png', 'below/1.png']);
  });

  test('a file that is being written waits until it is quiet', async () => {
    const { path, events, until } = await watched();
    for (let i = 0; i < 8; i++) {
      writeFileSync(path('slow.png'), Buffer.alloc(i));
      await new Promise((resolve) => setTimeout(resolve, QUIET / 2));
    }
    await picture(path('slow.png'), 5);
    await until(['below/1.png', 'slow.png']);
    const bad = events.filter((event) => event.kind === 'indexed' && event.summary.bad.bad > 0);
    expect(bad).toEqual([]);
  });

  test('a folder that goes is waited for, and keeps its pictures', async () => {
    const { root, path, events, until } = await watched();
    renameSync(root, `${root}.away`);
    await expect.poll(() => events.at(-1)?.kind, { timeout: 5000 }).toBe('notice');
    expect(events.at(-1)).toMatchObject({
      text: expect.stringMatching(/can't be read.*Waiting until it is there/),
    });
    await until(['below/1.png']);
    renameSync(`${root}.away`, root);
    await picture(path('6.png'), 6);
    await until(['6.png', 'below/1.png']);
    await picture(path('7.png'), 7);
    await until(['6.png', '7.png', 'below/1.png']);
  });
});
