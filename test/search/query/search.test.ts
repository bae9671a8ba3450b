import { beforeAll, describe, expect, it } from 'vitest';
import type { Collection } from '../../../src/search/collection/collection.ts';
import type { SearchHit } from '../../../src/search/query/hit.ts';
import type { Query } from '../../../src/search/query/query.ts';
import { type SearchOptions, search } from '../../../src/search/query/search.ts';
import { type MadeUpFile, madeUpCollection, madeUpEncoder } from '../madeUp.ts';

const COLOURS = ['red', 'blue', 'green', 'yellow', 'white'];
const THINGS = [
  'heart',
  'car',
  'house',
  'apple',
  'boat',
  'chair',
  'hat',
  'ball',
  'door',
  'lamp',
  'shoe',
  'kite',
];

const files: MadeUpFile[] = [
  ...COLOURS.flatMap((colour) =>
    THINGS.map((thing) => ({ path: `/p/${colour}/${colour} ${thing}.png`, shows: `${colour} ${thing}` })),
  ),
  { path: '/p/copy.png', shows: 'red boat', hash: '/p/red/red boat.png' },
  {
    path: '/p/film.mp4',
    shows: 'purple dragon',
    kind: 'frame',
    at: Array.from({ length: 200 }, (_, i) => i),
  },
  { path: '/p/drawing.png', shows: 'purple dragon' },
];

let collection: Collection;
beforeAll(async () => {
  ({ collection } = await madeUpCollection(files));
});

const ask = (query: string | Query, options: SearchOptions = {}) =>
  search(collection, madeUpEncoder, query, options);
const paths = (hits: readonly SearchHit[]) => hits.map(({ picture }) => picture.path.replace(/^.*\//, ''));
const idOf = async (path: string) => (await collection.list({ filter: { folder: path }, limit: 1 }))[0]!.id;

describe('search', () => {
  it('finds what a text says, and leaves out what does not fit', async () => {
    const { hits, fits, cutTexts } = await ask('red heart');
    expect([fits, cutTexts]).toEqual([true, []]);
    expect(paths(hits)[0]).toBe('red heart.png');
    expect(hits.every((hit) => hit.fits && hit.probability >= 0.5)).toBe(true);
    expect(hits.length).toBeLessThan(24);
  });

  it('says that nothing fits, and gives the nearest all the same where it is asked to', async () => {
    expect(await ask('quantum zebra')).toMatchObject({ hits: [], fits: false });
    const { hits, fits } = await ask('quantum zebra', { all: true, limit: 3 });
    expect([hits.length, fits]).toEqual([3, false]);
  });

  it('takes texts and images together: a text turns an image into another', async () => {
    const images = ['red car.png'];
    expect(paths((await ask({ images }, { all: true, limit: 1 })).hits)).toEqual(['red car.png']);
    const { hits } = await ask({ images, texts: ['blue'] }, { all: true, limit: 2 });
    expect(paths(hits)).toContain('blue car.png');
  });

  it('leaves out what shows the unwanted, text or image', async () => {
    const { hits: all } = await ask('heart', { all: true, limit: 5 });
    expect(paths(all).sort()).toEqual(COLOURS.map((colour) => `${colour} heart.png`).sort());
    for (const not of [{ texts: ['red'] }, { images: ['red hat.png'] }]) {
      const { hits } = await ask({ texts: ['heart'], not }, { all: true, limit: 4 });
      expect(paths(hits)).not.toContain('red heart.png');
      expect(paths(hits).every((path) => path.endsWith('heart.png'))).toBe(true);
    }
  });

  it('finds what is like a picture of the collection, which is left out itself', async () => {
    const like = [await idOf('/p/blue/blue hat.png')];
    const { hits } = await ask({ like }, { all: true, limit: 200 });
    expect(paths(hits)).not.toContain('blue hat.png');
    expect(paths(hits)[0]).toMatch(/blue|hat/);
    await expect(ask({ like: [99_999] })).rejects.toThrow(
      /picture 99999, which the collection does not have/,
    );
  });

  it('gives frames of a video and exact copies as one hit, however many there are', async () => {
    const { hits } = await ask('purple dragon', { all: true, limit: 3 });
    expect(hits).toHaveLength(3);
    expect(paths(hits).slice(0, 2).sort()).toEqual(['drawing.png', 'film.mp4']);
    const boat = (await ask('red boat')).hits[0]!;
    expect([boat.picture, ...boat.more.map(({ picture }) => picture)].map(({ path }) => path).sort()).toEqual(
      ['/p/copy.png', '/p/red/red boat.png'],
    );
    const { hits: single } = await ask('purple dragon', { grouped: false, all: true, limit: 100 });
    expect(paths(single).filter((path) => path === 'film.mp4').length).toBeGreaterThan(90);
    expect(single.every(({ more }) => more.length === 0)).toBe(true);
  });

  it('looks at what a filter leaves', async () => {
    const { hits } = await ask('red heart', { filter: { folder: '/p/blue' }, all: true, limit: 50 });
    expect(paths(hits)[0]).toBe('blue heart.png');
    expect(hits).toHaveLength(THINGS.length);
    expect(await ask('red', { filter: { from: 1e12 }, all: true })).toMatchObject({ hits: [], fits: false });
  });

  it('tells of texts whose end the model does not read', async () => {
    const long = 'red heart and one two three four five six';
    expect((await ask({ texts: ['red', long] })).cutTexts).toEqual([long]);
    expect((await ask('red heart and one two three')).cutTexts).toEqual([]);
  });

  it('names what is wrong with a query', async () => {
    await expect(ask('  ')).rejects.toThrow(
      /query\.texts\[0\] is " {2}"; it must be a text that is not empty/,
    );
    await expect(ask({})).rejects.toThrow(/query: asks for nothing/);
    await expect(ask({ not: { texts: ['red'] } })).rejects.toThrow(/say also what is/);
    await expect(ask({ text: ['red'] } as never)).rejects.toThrow(/no setting "text"/);
    await expect(ask('red', { limit: 10_001 })).rejects.toThrow(/search\.limit is 10001/);
    const other = {
      ...madeUpEncoder,
      embedTexts: (await madeUpEncoder.embedTexts(['x'])) && madeUpEncoder.embedImages,
    };
    await expect(search(collection, other as never, 'red')).rejects.toThrow(/no vectors of this encoder/);
  });
});
