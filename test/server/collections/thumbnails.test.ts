import { mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cacheFolder } from '../../../src/server/collections/thumbnails/cacheFolder.ts';
import { createDiskCache } from '../../../src/server/collections/thumbnails/diskCache.ts';
import { newestFirst } from '../../../src/server/collections/thumbnails/newestFirst.ts';
import { titleOf } from '../../../src/server/collections/titleOf.ts';

const bytes = (size: number, value = 1) => new Uint8Array(size).fill(value);
const newFolder = () => mkdtemp(join(tmpdir(), 'siglip2-cache-'));

it('what was asked for last is drawn next; who is gone leaves the queue', async () => {
  const turn = newestFirst(1);
  const done: string[] = [];
  let go = () => {};
  const first = turn(() => new Promise<void>((resolve) => (go = resolve)));
  const gone = new AbortController();
  const work = (name: string) => async () => void done.push(name);
  const waiting = [turn(work('a')), turn(work('b'), gone.signal), turn(work('c'))];
  gone.abort(new Error('gone'));
  await expect(waiting[1]).rejects.toThrow('gone');
  go();
  await Promise.all([first, waiting[0], waiting[2]]);
  expect(done).toEqual(['c', 'a']);
  await expect(turn(work('d'), gone.signal)).rejects.toThrow('gone');
  await expect(turn(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await turn(work('e'));
  expect(done.at(-1)).toBe('e');
});

it('the cache drops what nobody asked for the longest, and an empty file counts as none', async () => {
  const folder = await newFolder();
  const cache = createDiskCache(folder, 1000, () => {});
  await cache.put('aaaa', bytes(300));
  await utimes(join(folder, 'aa', 'aa.webp'), 1, 1);
  for (const [key, value] of [
    ['bbbb', 2],
    ['cccc', 3],
  ] as const)
    await cache.put(key, bytes(300, value));
  expect(await cache.get('cccc')).toEqual(bytes(300, 3));
  await cache.put('dddd', bytes(300, 4));
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.webp'));
  expect(files).not.toContain(join('aa', 'aa.webp'));
  expect(files).toContain(join('dd', 'dd.webp'));
  await writeFile(join(folder, 'dd', 'dd.webp'), '');
  expect(await cache.get('dddd')).toBeUndefined();
});

it('a cache that cannot be written says so once, and nothing fails', async () => {
  const file = join(await newFolder(), 'file');
  await writeFile(file, 'mine');
  const lines: string[] = [];
  const cache = createDiskCache(join(file, 'cache'), 1000, (line) => void lines.push(line));
  await cache.put('aaaa', bytes(3));
  await cache.put('bbbb', bytes(3));
  expect(await cache.get('aaaa')).toBeUndefined();
  expect(lines).toHaveLength(1);
  expect(await readFile(file, 'utf8')).toBe('mine');
});

it('the cache lies where the system wants it', () => {
  const of = (platform: NodeJS.Platform, env = {}) => cacheFolder({ env, platform, home: '/home/me' });
  expect(of('linux')).toBe('/home/me/.cache/siglip2');
  expect(of('linux', { XDG_CACHE_HOME: '/x' })).toBe('/x/siglip2');
  expect(of('linux', { XDG_CACHE_HOME: 'x' })).toBe('/home/me/.cache/siglip2');
  expect(of('darwin')).toBe('/home/me/Library/Caches/siglip2');
  expect(of('win32', { LOCALAPPDATA: 'C:\\Local' })).toBe('C:\\Local\\siglip2\\cache');
  expect(of('win32', { SIGLIP2_CACHE: 'D:\\c' })).toBe('D:\\c');
});

it('titles say the time or the page', () => {
  const at = (seconds: number) => titleOf({ path: '/a/film.mp4', kind: 'frame', at: seconds });
  expect([at(7), at(62.5), at(3723)]).toEqual(['film.mp4, 0:07', 'film.mp4, 1:02.5', 'film.mp4, 1:02:03']);
  expect(titleOf({ path: '/a/b.pdf', kind: 'page', at: 3 })).toBe('b.pdf, page 3');
  expect(titleOf({ path: '/a/c.jpg', kind: 'image', at: 0 })).toBe('c.jpg');
});
