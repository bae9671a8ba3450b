import {
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Collection, CollectionBusyError } from '../../../src/search/collection/collection.ts';
import type { Picture } from '../../../src/search/collection/picture.ts';
import { indexedFolders } from '../../../src/search/indexing/folders.ts';
import { indexPictures } from '../../../src/search/indexing/indexPictures.ts';
import type { IndexOptions, IndexSummary } from '../../../src/search/indexing/options.ts';
import { openCollection } from '../../../src/search/stores/stores.ts';
import { ownPath } from '../pictures/fakeTool.ts';
import { fakeEncoder, picture, temporaryFolder } from './fakes.ts';

let collections = 0;
const openNew = (): Promise<Collection> =>
  openCollection('memory:indexing', { name: `c${collections++}`, create: true });

async function pictures(collection: Collection): Promise<Map<string, Picture>> {
  const all = await collection.list({ limit: 10_000 });
  return new Map(all.map((one) => [one.path, one]));
}

/** Files of a summary that are not nought. */
const changed = ({ files }: IndexSummary) =>
  Object.fromEntries(Object.entries(files).filter(([, count]) => count > 0));

/** A folder with a collection of it. */
async function setUp(count: number) {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  for (let i = 0; i < count; i++) await picture(path(`${i}.png`), i);
  const encoder = fakeEncoder();
  const collection = await openNew();
  const index = (options: IndexOptions = {}) => indexPictures(collection, encoder, [folder], options);
  return { folder, path, encoder, collection, index };
}

/** Gives a file another time, as touching it does. */
const touch = (path: string) => utimesSync(path, new Date(), new Date(Date.now() + 5000));

describe('indexPictures', () => {
  test('takes what the lister takes, embeds copies once, and remembers what is bad', async () => {
    const { folder, path, encoder, collection, index } = await setUp(3);
    await picture(path('below/deep/9.png'), 9);
    await picture(path('.hidden/1.png'), 77);
    copyFileSync(path('1.png'), path('below/copy of 1.png'));
    writeFileSync(path('notes.txt'), 'no picture');
    writeFileSync(path('cut.png'), readFileSync(path('2.png')).subarray(0, 40));
    writeFileSync(path('empty.jpg'), '');
    symlinkSync(path('2.png'), path('link.png'));
    symlinkSync(path('below'), path('linked folder'));
    symlinkSync(path('nowhere.png'), path('broken.png'));
    const first = await index();
    expect(changed(first)).toEqual({ new: 4, copied: 2 });
    expect([first.embedded, encoder.count]).toEqual([4, 5]); // One is the probe.
    expect(first.bad).toMatchObject({ read: 9, bad: 3 });
    expect(first.bad.reasons.unreadable?.examples[0]).toMatchObject({ key: path('broken.png') });
    expect(first.skipped).toEqual({ extensions: { txt: 1 }, hidden: 1, folderLinks: 1 });
    const all = await pictures(collection);
    expect(all.size).toBe(6);
    const [one] = await collection.models();
    const { vectors } = await collection.vectors(one!.id, [
      all.get(path('1.png'))!.id,
      all.get(path('below/copy of 1.png'))!.id,
    ]);
    expect(vectors.subarray(0, 8)).toEqual(vectors.subarray(8));
    expect(await indexedFolders(collection)).toMatchObject([{ path: folder }]);

    // Again: nothing is opened, and the bad ones are reported, not tried.
    const second = await index();
    expect(changed(second)).toEqual({ unchanged: 6 });
    expect([second.embedded, encoder.count, second.bad.bad]).toEqual([0, 5, 3]);
    expect(await pictures(collection)).toEqual(all);
    writeFileSync(path('empty.jpg'), readFileSync(path('0.png')));
    expect(changed(await index({ retryBad: true }))).toEqual({ unchanged: 6, copied: 1 });
  });

  test('what was moved, touched, replaced or deleted is told apart', async () => {
    const { path, encoder, collection, index } = await setUp(6);
    await index();
    const before = await pictures(collection);
    mkdirSync(path('new'));
    renameSync(path('0.png'), path('new/zero.png'));
    touch(path('1.png'));
    await picture(path('2.png'), 200);
    rmSync(path('3.png'));
    linkSync(path('4.png'), path('4 again.png'));
    encoder.count = 0;
    const summary = await index();
    expect(changed(summary)).toEqual({
      moved: 1,
      touched: 1,
      replaced: 1,
      dropped: 1,
      copied: 1,
      unchanged: 2,
    });
    expect(encoder.count).toBe(2);
    const after = await pictures(collection);
    expect([...after.keys()].sort()).toEqual(
      ['1.png', '2.png', '4.png', '4 again.png', '5.png', 'new/zero.png'].map(path).sort(),
    );
    expect(after.get(path('new/zero.png'))!.id).toBe(before.get(path('0.png'))!.id);
    expect(after.get(path('1.png'))!.id).toBe(before.get(path('1.png'))!.id);
    expect(after.get(path('2.png'))!.id).not.toBe(before.get(path('2.png'))!.id);
    expect(changed(await index())).toEqual({ unchanged: 6 });
  });

  test('a row of files that are renamed to each other’s names keep their pictures', async () => {
    const { path, encoder, collection, index } = await setUp(6);
    await index();
    const before = await pictures(collection);
    // 4 and 5 change places; 0 … 3 become 1 … 4 in another folder's numbering, and one is new there.
    renameSync(path('4.png'), path('t'));
    renameSync(path('5.png'), path('4.png'));
    renameSync(path('t'), path('5.png'));
    renameSync(path('3.png'), path('33.png'));
    for (const i of [2, 1, 0]) renameSync(path(`${i}.png`), path(`${i + 1}.png`));
    await picture(path('0.png'), 100);
    for (let i = 0; i < 6; i++) touch(path(`${i}.png`));
    encoder.count = 0;
    const summary = await index();
    expect(changed(summary)).toEqual({ moved: 6, replaced: 1 });
    expect(encoder.count).toBe(2);
    const after = await pictures(collection);
    const id = (name: string) => before.get(path(name))!.id;
    expect(
      ['1.png', '2.png', '3.png', '33.png', '4.png', '5.png'].map((name) => after.get(path(name))!.id),
    ).toEqual(['0.png', '1.png', '2.png', '3.png', '5.png', '4.png'].map(id));
    expect(after.size).toBe(7);
    expect(changed(await index())).toEqual({ unchanged: 7 });
  });

  test('only folders that are named lose anything, and only what is surely gone', async () => {
    const { folder, path, collection, encoder, index } = await setUp(2);
    for (let i = 0; i < 25; i++) await picture(path(`drive/${i}.png`), 50 + i);
    await picture(path('kept/1.png'), 99);
    await index();
    // An absent folder is an error, and drops nothing.
    renameSync(path('kept'), path('gone'));
    const absent = indexPictures(collection, encoder, [path('drive'), path('kept')]);
    await expect(absent).rejects.toThrow(/kept: can't be read .*Nothing was changed/);
    expect((await pictures(collection)).size).toBe(28);
    renameSync(path('gone'), path('kept'));
    // A folder that is named alone: what lies elsewhere stays.
    rmSync(path('1.png'));
    expect(changed(await indexPictures(collection, encoder, [path('kept')]))).toEqual({ unchanged: 1 });
    expect((await pictures(collection)).size).toBe(28);
    // A drive that is not mounted.
    for (let i = 0; i < 25; i++) unlinkSync(path(`drive/${i}.png`));
    const emptied = await index();
    expect(emptied.emptied).toEqual([{ path: path('drive'), files: 25 }]);
    expect(changed(emptied)).toEqual({ unchanged: 2, dropped: 1 });
    expect(changed(await index({ dropEmptied: true }))).toEqual({ unchanged: 2, dropped: 25 });
    // What is left out now is dropped, and comes back.
    expect(changed(await index({ exclude: ['kept'] }))).toEqual({ unchanged: 1, dropped: 1 });
    expect((await index({ exclude: ['ke*/**'] })).excluded).toBe(1);
    expect(changed(await index())).toEqual({ unchanged: 1, new: 1 });
    expect(await indexedFolders(collection)).toMatchObject([{ path: folder }]);
  });

  test('a stop keeps what is done, and the same call goes on', async () => {
    const { encoder, collection, index } = await setUp(100);
    const stop = new AbortController();
    encoder.onGroup = () => {
      if (encoder.count > 32) stop.abort();
    };
    const first = await index({ signal: stop.signal });
    expect(first.isStopped).toBe(true);
    const done = (await pictures(collection)).size;
    expect(done).toBeGreaterThan(30);
    expect(done).toBeLessThan(100);
    encoder.onGroup = () => {};
    encoder.count = 0;
    const second = await index();
    expect([changed(second), second.isStopped]).toEqual([{ unchanged: done, new: 100 - done }, false]);
    expect(encoder.count).toBe(100 - done + 1);
  });

  test('a second model adds its vectors to the same pictures, and one like another is told', async () => {
    const { collection, index, folder } = await setUp(3);
    await index();
    const before = await pictures(collection);
    const other = fakeEncoder(2);
    expect(changed(await indexPictures(collection, other, [folder]))).toEqual({ embedded: 3 });
    expect(await pictures(collection)).toEqual(before);
    expect((await collection.models()).map(({ pictures: count }) => count)).toEqual([3, 3]);
    const tuned = fakeEncoder();
    const { embedImages } = tuned;
    tuned.embedImages = async (images) => {
      const rows = await embedImages(images);
      return { ...rows, data: rows.data.map((value, i) => (i % 8 === 0 ? 0.9 : value / 9)) };
    };
    await picture(join(folder, 'new.png'), 44);
    await expect(indexPictures(collection, tuned, [folder])).rejects.toThrow(/collection of its own/);
  });

  test('a video that breaks off is told with each call, and read again when that is asked for', async () => {
    const { path, encoder, collection, index } = await setUp(1);
    const tools = ownPath();
    onTestFinished(() => {
      tools.real();
      tools.remove();
    });
    const pretend = (frames: number) =>
      tools.set({
        ffprobe: `echo '{"streams":[{"index":0,"width":2,"height":1,"duration":"20"}]}'`,
        ffmpeg: String.raw`printf 'P6\n2 1\n255\nabcdef'`.concat(';').repeat(frames),
      });
    const frames = (options: IndexOptions = {}) =>
      index({ ...options, pictures: { frames: { everySeconds: 2 } } });
    const examples = (...names: string[]) =>
      names.map((name) => ({ path: path(name), missing: 'breaks off before 4 s of its 20 s' }));
    pretend(2);
    writeFileSync(path('a.mp4'), 'a video');
    const first = await frames();
    expect([changed(first), first.embedded, first.bad.bad]).toEqual([{ new: 2 }, 3, 0]);
    expect(first.partly).toEqual({ count: 1, examples: examples('a.mp4') });
    copyFileSync(path('a.mp4'), path('b.mp4'));
    touch(path('a.mp4'));
    const second = await frames();
    expect(changed(second)).toEqual({ unchanged: 1, touched: 1, copied: 1 });
    expect(second.partly).toEqual({ count: 2, examples: examples('a.mp4', 'b.mp4') });
    pretend(10);
    encoder.count = 0;
    expect([(await frames()).partly.count, encoder.count]).toEqual([2, 0]);
    const before = await pictures(collection);
    const again = await frames({ retryBad: true });
    expect([again.partly, await collection.count()]).toEqual([{ count: 0, examples: [] }, 21]);
    expect((await pictures(collection)).get(path('0.png'))).toEqual(before.get(path('0.png')));
    pretend(2);
    writeFileSync(path('a.mp4'), 'another one');
    expect((await frames()).partly.examples).toEqual(examples('a.mp4'));
    rmSync(path('a.mp4'));
    expect([(await frames()).partly.count, await collection.note('read in part')]).toEqual([0, {}]);
  });

  test('one at a time', async () => {
    const { collection, index } = await setUp(1);
    const lock = await collection.lock();
    await expect(index()).rejects.toBeInstanceOf(CollectionBusyError);
    await lock.release();
    expect(changed(await index())).toEqual({ new: 1 });
    await expect(index({ exclude: 'a' } as never)).rejects.toThrow(/indexPictures.exclude is "a"/);
  });
});
