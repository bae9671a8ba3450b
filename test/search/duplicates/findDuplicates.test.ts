import { realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { starGroups } from '../../../src/search/duplicates/copies.ts';
import { findDuplicates } from '../../../src/search/duplicates/findDuplicates.ts';
import { temporaryFolder } from '../../cli/temporary.ts';
import { type MadeUpFile, madeUpCollection, pictureVector } from '../madeUp.ts';

const byId = (a: number, b: number) => a - b;

describe('starGroups', () => {
  const pair = (a: number, b: number, score: number) => ({ a, b, score });

  it('does not grow along a chain: each member is near the centre, and no two centres are near', () => {
    const chain = [pair(1, 2, 0.97), pair(2, 3, 0.96), pair(3, 4, 0.98), pair(4, 5, 0.97)];
    expect(starGroups(chain, byId)).toEqual([
      { centre: 1, members: [{ id: 2, cosine: 0.97 }] },
      { centre: 3, members: [{ id: 4, cosine: 0.98 }] },
    ]);
  });

  it('puts a picture with the centre that it is nearest to', () => {
    const stars = starGroups([pair(1, 3, 0.96), pair(2, 3, 0.99), pair(2, 4, 0.97)], byId);
    expect(stars).toEqual([
      {
        centre: 2,
        members: [
          { id: 3, cosine: 0.99 },
          { id: 4, cosine: 0.97 },
        ],
      },
    ]);
  });
});

describe('findDuplicates', () => {
  const noise: MadeUpFile[] = Array.from({ length: 60 }, (_, i) => ({
    path: `/n/${i}.png`,
    shows: `thing${i} and${i}`,
  }));
  const centre = pictureVector('sunset beach');
  /** So much of another direction: a cosine of 1 / √(1 + amount²). */
  const changed = (amount: number, by: string): number[] => {
    const other = pictureVector(by);
    const along = other.reduce((sum, value, i) => sum + value * centre[i]!, 0);
    const across = other.map((value, i) => value - along * centre[i]!);
    const length = Math.hypot(...across);
    const moved = centre.map((value, i) => value + (amount * across[i]!) / length);
    return moved.map((value) => value / Math.hypot(...moved));
  };
  const files: MadeUpFile[] = [
    ...noise,
    { path: '/a/small.jpg', shows: '', vector: changed(0.05, 'one'), side: 50 },
    { path: '/a/large.png', shows: '', vector: centre, side: 500, bytes: 10 },
    { path: '/a/heavy.png', shows: '', vector: changed(0.1, 'two'), side: 100, bytes: 99_999 },
    {
      path: '/a/same.jpg',
      shows: '',
      vector: changed(0.05, 'one'),
      side: 50,
      hash: '/a/small.jpg',
      modified: 5,
    },
    { path: '/a/else.png', shows: '', vector: changed(0.9, 'three'), side: 100 },
    { path: '/v/film.mp4', shows: 'a film', kind: 'frame', at: [0, 2, 4] },
    {
      path: '/v/film copy.mp4',
      shows: 'a film',
      kind: 'frame',
      at: [0, 2, 4],
      hash: '/v/film.mp4',
      modified: 9,
    },
  ];
  const shown = ({ groups }: Awaited<ReturnType<typeof findDuplicates>>) =>
    groups.map(({ best, copies }) => [
      best.path,
      ...copies.map(({ picture, exact }) => `${picture.path}${exact ? ' =' : ''}`),
    ]);

  it('groups near and exact copies around the largest; videos by their bytes', async () => {
    const { collection } = await madeUpCollection(files);
    const found = await findDuplicates(collection);
    expect(found.threshold).toBeGreaterThan(0.95);
    expect(found.threshold).toBeLessThan(0.99);
    expect(shown(found)).toEqual([
      ['/a/large.png', '/a/small.jpg', '/a/same.jpg', '/a/heavy.png'],
      ['/v/film.mp4', '/v/film copy.mp4 ='],
    ]);
    expect(found.groups[0]!.copies[0]!.cosine).toBeCloseTo(1 / Math.hypot(1, 0.05), 3);
  });

  it('takes a threshold, bytes alone, and a filter', async () => {
    const { collection } = await madeUpCollection(files);
    expect(shown(await findDuplicates(collection, { threshold: 0.7, filter: { folder: '/a' } }))).toEqual([
      ['/a/large.png', '/a/small.jpg', '/a/same.jpg', '/a/heavy.png', '/a/else.png'],
    ]);
    const exact = await findDuplicates(collection, { exact: true });
    expect(exact.threshold).toBeUndefined();
    expect(shown(exact)).toEqual([
      ['/a/small.jpg', '/a/same.jpg ='],
      ['/v/film.mp4', '/v/film copy.mp4 ='],
    ]);
    await expect(findDuplicates(collection, { threshold: 1.5 })).rejects.toThrow(/threshold is 1.5/);
    await expect(findDuplicates(collection, { model: 7 })).rejects.toThrow(/no such model/);
  });

  it('a file under two paths is no copy of itself: who removed it would lose it', async () => {
    const folder = realpathSync(temporaryFolder());
    const [real, link] = [join(folder, 'real.png'), join(folder, 'link.png')];
    writeFileSync(real, 'x');
    symlinkSync(real, link);
    const same = { shows: 'a cat', hash: 'same' };
    // The older one would be the best.
    const both: MadeUpFile[] = [
      { ...same, path: link, modified: 1 },
      { ...same, path: real, modified: 9 },
    ];
    const alone = await madeUpCollection(both);
    expect((await findDuplicates(alone.collection, { exact: true })).groups).toEqual([]);
    const { collection } = await madeUpCollection([...both, { ...same, path: '/gone.png', modified: 5 }]);
    expect(shown(await findDuplicates(collection, { exact: true }))).toEqual([['/gone.png', `${real} =`]]);
  });

  it('an empty collection has none', async () => {
    const { collection } = await madeUpCollection([]);
    expect((await findDuplicates(collection)).groups).toEqual([]);
  });
});
