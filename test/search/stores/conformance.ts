import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float16ToFloat32, float32ToFloat16 } from '../../../src/checkpoint/safetensors/castFloat.ts';
import type { Change } from '../../../src/search/collection/change.ts';
import { type Collection, CollectionBusyError } from '../../../src/search/collection/collection.ts';
import type { PictureFilter } from '../../../src/search/collection/filter.ts';
import { innerProduct } from '../../../src/search/collection/vectors/innerProduct.ts';
import type { Store } from '../../../src/search/stores/store.ts';
import {
  all,
  at,
  bad,
  facts,
  file,
  gone,
  idsByName,
  model,
  move,
  picture,
  vector,
  WIDTH,
} from './changes.ts';
import { itWritesAsMemory } from './writesAsMemory.ts';

export interface Conformance {
  readonly store: Store;
  /** Where the tests' collections lie; made before the tests of this suite, emptied by them. */
  readonly location: () => string | Promise<string>;
  /** Random sequences of writes that are compared with the memory store. */
  readonly runs: number;
}

/** What every store must do: one suite, line by line what `collection.ts` and `store.ts` promise. */
export function conformance(title: string, { store, location, runs }: Conformance): void {
  describe(title, () => {
    let place: string;
    let count = 0;
    const opened: Collection[] = [];
    const open = async (name: string, create = true): Promise<Collection> => {
      const collection = await store.open(place, { name, create });
      opened.push(collection);
      return collection;
    };
    /** An empty collection with a model. */
    const empty = async () => {
      const collection = await open(`c${count++}`);
      return { collection, model: (await collection.addModel(model(1))).id };
    };
    const filled = async (...changes: readonly Change[]) => {
      const made = await empty();
      await made.collection.write(made.model, changes);
      return made;
    };

    beforeAll(async () => {
      place = await location();
    });
    afterAll(async () => {
      for (const collection of opened) await collection.close();
      for (const name of await store.list(place)) await store.remove(place, name);
    });

    describe('a location', () => {
      it('is accepted, and lists its collections by name', async () => {
        expect(store.accepts(place)).toBe(true);
        await open('list-b');
        await open('list-a');
        expect((await store.list(place)).filter((name) => name.startsWith('list'))).toEqual([
          'list-a',
          'list-b',
        ]);
      });

      it('has no collection that nobody made, and says which there are', async () => {
        await open('there');
        await expect(store.open(place, { name: 'missing' })).rejects.toThrow(
          /'missing'.*there.*siglip2 index/s,
        );
        await expect(store.remove(place, 'missing')).rejects.toThrow(/'missing'/);
        expect(await store.list(place)).not.toContain('missing');
      });

      it.each(['', '.hidden', 'a/b', 'a b', '..', 'ä', 'x'.repeat(65), "a'b"])(
        'refuses the name %j',
        async (name) => {
          await expect(store.open(place, { name, create: true })).rejects.toThrow(RangeError);
          await expect(store.remove(place, name)).rejects.toThrow();
        },
      );

      it('keeps collections apart, and removes one', async () => {
        const [one, other] = [await open('apart.1'), await open('apart.2')];
        const { id } = await one.addModel(model(1));
        await one.write(id, [file('a.jpg', 1)]);
        expect(await other.models()).toEqual([]);
        expect(await other.count()).toBe(0);
        await one.close();
        await store.remove(place, 'apart.1');
        expect(await store.list(place)).not.toContain('apart.1');
        expect(await (await open('apart.1')).count()).toBe(0);
      });

      it('gives a collection again as it was, also to two at once', async () => {
        const { collection, model: id } = await filled(file('a.jpg', 1));
        const again = await open(collection.name, false);
        expect(again.name).toBe(collection.name);
        expect(await again.list({ limit: 9 })).toEqual(await collection.list({ limit: 9 }));
        await collection.write(id, [file('b.jpg', 2)]);
        expect(await again.count()).toBe(2);
        expect((await again.nearest(id, vector(2), { limit: 1 }))[0]).toMatchObject({ id: 2 });
        await again.write(id, [gone('a.jpg')]);
        expect((await collection.nearest(id, vector(1), { limit: 9 })).map((one) => one.id)).toEqual([2]);
        expect(await collection.version()).toBe(await again.version());
      });

      it('a closed collection says so, and closing twice is nothing', async () => {
        const { collection } = await filled(file('a.jpg', 1));
        await collection.close();
        await collection.close();
        await expect(collection.count()).rejects.toThrow(/closed/);
      });
    });

    describe('models', () => {
      it('are told apart by width and probe, not by name', async () => {
        const { collection } = await empty();
        const first = (await collection.models())[0]!;
        expect(first).toEqual({ ...model(1), id: first.id, pictures: 0 });
        const close = model(1).probe.map((value, i) => value + (i === 0 ? 1e-3 : 0));
        expect(await collection.addModel({ name: 'renamed', width: WIDTH, probe: close })).toEqual(first);
        const other = await collection.addModel({ ...model(2), name: 'model-1' });
        const wide = await collection.addModel(model(1, 16));
        expect(new Set([first.id, other.id, wide.id]).size).toBe(3);
        expect((await collection.models()).map(({ id, width }) => [id, width])).toEqual([
          [first.id, WIDTH],
          [other.id, WIDTH],
          [wide.id, 16],
        ]);
      });

      it('each have vectors of their own for the same pictures', async () => {
        const { collection, model: one } = await filled(file('a.jpg', 1), file('b.jpg', 2));
        const two = (await collection.addModel(model(2, 16))).id;
        const embedded = async (id: number) =>
          (await all(collection.files(id))).map((known) => known.embedded);
        expect([await embedded(one), await embedded(two)]).toEqual([
          [true, true],
          [false, false],
        ]);
        expect(await collection.nearest(two, vector(1, 16), { limit: 9 })).toEqual([]);
        await collection.write(two, [file('b.jpg', 2, {}, { vector: vector(5, 16) })]);
        expect([await embedded(one), await embedded(two)]).toEqual([
          [true, true],
          [false, true],
        ]);
        expect(await idsByName(collection)).toEqual([
          ['a.jpg', 1],
          ['b.jpg', 2],
        ]);
        expect((await collection.models()).map(({ pictures }) => pictures)).toEqual([2, 1]);
        expect((await collection.vectors(two, [1, 2])).ids).toEqual([2]);
        expect((await collection.nearest(one, vector(2), { limit: 1 }))[0]!.id).toBe(2);
        await collection.write(one, [gone('b.jpg')]);
        expect((await collection.models()).map(({ pictures }) => pictures)).toEqual([1, 0]);
      });

      it('that are not there are refused', async () => {
        const { collection } = await empty();
        await expect(collection.write(77, [])).rejects.toThrow(/no model 77/);
        await expect(collection.nearest(77, vector(1), { limit: 1 })).rejects.toThrow(/no model 77/);
        await expect(collection.vectors(77, [1])).rejects.toThrow(/no model 77/);
        await expect(all(collection.files(77))).rejects.toThrow(/no model 77/);
      });
    });

    describe('writes', () => {
      it('keep every fact of files and pictures, and vectors as float16', async () => {
        const known = facts('Ä b/%_\'"\\.mp4', {
          hash: 'ff00',
          how: 'frames every=2',
          modified: -5,
          bytes: 2 ** 40,
        });
        const pictures = [
          picture(1, { kind: 'frame', at: 0.125, taken: 1e12 + 0.5 }),
          picture(2, { kind: 'frame', at: 2.1, latitude: -12.25, longitude: 179.9 }),
        ];
        const { collection, model: id } = await filled({ kind: 'file', file: known, pictures });
        const expected = pictures.map(({ vector: _, ...rest }, i) => ({ ...known, ...rest, id: i + 1 }));
        expect(plain(await collection.list({ limit: 9 }))).toEqual(expected);
        expect(plain(await all(collection.files(id)))).toEqual([{ ...known, embedded: true }]);
        const { ids, vectors } = await collection.vectors(id, [2, 1]);
        expect(ids).toEqual([2, 1]);
        expect(vectors).toEqual(
          Uint16Array.of(...float32ToFloat16(vector(2)), ...float32ToFloat16(vector(1))),
        );
      });

      it('give ids in their order, never twice', async () => {
        const { collection, model: id } = await filled(file('b.jpg', 1), file('a.jpg', 2));
        await collection.write(id, [gone('a.jpg'), file('c.jpg', 3)]);
        await collection.write(id, [gone('c.jpg')]);
        await collection.write(id, [file('a.jpg', 2)]);
        expect(await idsByName(collection)).toEqual([
          ['b.jpg', 1],
          ['a.jpg', 4],
        ]);
      });

      it('of the same content keep the ids, by kind and time, and take the new facts', async () => {
        const frames = (...times: number[]) =>
          times.map((time) => picture(time, { kind: 'frame', at: time }));
        const { collection, model: id } = await filled({
          kind: 'file',
          file: facts('v.mp4'),
          pictures: frames(1, 2, 3),
        });
        const touched = facts('v.mp4', { modified: 7, bytes: 9 });
        await collection.write(id, [{ kind: 'file', file: touched, pictures: frames(3, 4, 2) }]);
        const found = await collection.list({ limit: 9 });
        expect(found.map((one) => [one.id, one.at, one.modified])).toEqual([
          [2, 2, 7],
          [3, 3, 7],
          [4, 4, 7],
        ]);
        expect(await collection.count({ from: 7, before: 8, minBytes: 9, maxBytes: 9 })).toBe(3);
      });

      it.each([
        ['content', { hash: 'other' }],
        ['way of reading', { how: 'frames every=1' }],
      ])('of another %s replace what was known, for every model', async (_, changed) => {
        const { collection, model: one } = await filled(file('a.jpg', 1, { hash: 'a' }));
        const two = (await collection.addModel(model(2))).id;
        await collection.write(two, [file('a.jpg', 1, { hash: 'a' })]);
        await collection.write(two, [file('a.jpg', 3, { hash: 'a', ...changed })]);
        expect(await idsByName(collection)).toEqual([['a.jpg', 2]]);
        expect((await collection.vectors(one, [1, 2])).ids).toEqual([]);
        expect((await collection.nearest(two, vector(3), { limit: 9 })).map(({ id }) => id)).toEqual([2]);
      });

      it('remember bad files, and that they became good', async () => {
        const { collection, model: id } = await filled(
          file('a.jpg', 1),
          bad('b.jpg', 'is empty', { hash: '' }),
        );
        await collection.write(id, [bad('a.jpg', 'is cut off', { hash: 'h1' })]);
        expect(
          (await all(collection.files(id))).map((known) => [known.path, known.bad, known.embedded]),
        ).toEqual([
          [at('a.jpg'), 'is cut off', true],
          [at('b.jpg'), 'is empty', true],
        ]);
        expect(await collection.count()).toBe(0);
        await collection.write(id, [file('a.jpg', 1)]);
        const [first] = await all(collection.files(id));
        expect(plain(first)).toEqual({ ...facts('a.jpg', { hash: 'h1' }), embedded: true });
        expect(await idsByName(collection)).toEqual([['a.jpg', 2]]);
      });

      it('move files, also onto known paths and in turn, with ids and vectors', async () => {
        const { collection, model: id } = await filled(file('a.jpg', 1), file('b.jpg', 2), file('c.jpg', 3));
        const swap = [move('a.jpg', 'x.jpg'), move('b.jpg', 'a.jpg'), move('x.jpg', 'b.jpg')];
        await collection.write(id, swap);
        expect(await idsByName(collection)).toEqual([
          ['b.jpg', 1],
          ['a.jpg', 2],
          ['c.jpg', 3],
        ]);
        await collection.write(id, [
          move('a.jpg', 'c.jpg', { bytes: 5, modified: 6 }),
          move('b.jpg', 'b.jpg', { bytes: 7 }),
        ]);
        expect((await collection.list({ limit: 9 })).map((one) => [one.path, one.id, one.bytes])).toEqual([
          [at('b.jpg'), 1, 7],
          [at('c.jpg'), 2, 5],
        ]);
        expect((await collection.nearest(id, vector(2), { limit: 9 })).map((one) => one.id)).toEqual([2, 1]);
        expect(await collection.count({ maxBytes: 5, from: 6, before: 7 })).toBe(1);
        await collection.write(id, [bad('d.jpg'), move('d.jpg', 'e.jpg')]);
        expect((await all(collection.files(id))).at(-1)).toMatchObject({
          path: at('e.jpg'),
          bad: 'is no picture',
        });
      });

      it('count, and know of each other', async () => {
        const { collection, model: id } = await empty();
        const before = await collection.version();
        await collection.write(id, []);
        await collection.write(id, [gone('nothing.jpg')]);
        expect((await collection.version()) - before).toBe(2);
      });

      it.each<[string, Change]>([
        ['a vector of another width', file('z.jpg', 1, {}, { vector: vector(1, 9) })],
        ['a value that is not finite', file('z.jpg', 1, {}, { vector: vector(1).fill(Number.NaN, 2, 3) })],
        ['a value beyond float16', file('z.jpg', 1, {}, { vector: vector(1).fill(7e4, 2, 3) })],
        [
          'two pictures of one time',
          { kind: 'file', file: facts('z.jpg'), pictures: [picture(1), picture(2)] },
        ],
        ['a latitude alone', file('z.jpg', 1, {}, { latitude: 4 })],
        ['a size that is not whole', file('z.jpg', 1, { bytes: 1.5 })],
        ['a move of an unknown file', move('unknown.jpg', 'z.jpg')],
      ])('are all or none: %s', async (_, wrong) => {
        const { collection, model: id } = await filled(file('a.jpg', 1), file('b.jpg', 2));
        const version = await collection.version();
        const changes = [file('c.jpg', 3), gone('a.jpg'), move('b.jpg', 'd.jpg'), wrong];
        await expect(collection.write(id, changes)).rejects.toThrow(RangeError);
        expect(await collection.version()).toBe(version);
        expect((await collection.nearest(id, vector(1), { limit: 9 })).map((one) => one.id)).toEqual([1, 2]);
        await collection.write(id, [file('c.jpg', 3)]);
        expect(await idsByName(collection)).toEqual([
          ['a.jpg', 1],
          ['b.jpg', 2],
          ['c.jpg', 3],
        ]);
      });
    });

    describe('files and content', () => {
      it('come in the order of paths, by code point', async () => {
        const names = [
          'b.jpg',
          'B.jpg',
          'a/z.jpg',
          'a.jpg',
          'é.jpg',
          '\u{1f600}.jpg',
          '\uffee.jpg',
          'a',
          'aa',
        ];
        const { collection, model: id } = await filled(...names.map((name, i) => file(name, i)));
        const found = (await all(collection.files(id))).map(({ path }) => path);
        const bytes = (path: string) => Buffer.from(path);
        expect(found).toEqual(names.map(at).sort((a, b) => Buffer.compare(bytes(a), bytes(b))));
      });

      it('are found again by content and way of reading, where they are embedded', async () => {
        const pages = [picture(1, { kind: 'page', at: 1 }), picture(2, { kind: 'page', at: 2 })];
        const { collection, model: id } = await filled(
          { kind: 'file', file: facts('b.pdf', { hash: 'same' }), pictures: pages },
          bad('a.pdf', 'no', { hash: 'bad' }),
          bad('c.pdf', 'no', { hash: '' }),
        );
        const copy = await collection.sameContent(id, 'same', '');
        expect(copy?.path).toBe(at('b.pdf'));
        expect(copy?.pictures.map((one) => one.at)).toEqual([1, 2]);
        expect(copy?.vectors).toEqual(await collection.vectors(id, [1, 2]));
        for (const [hash, how] of [
          ['other', ''],
          ['same', 'pages 1'],
          ['bad', ''],
          ['', ''],
        ] as const)
          expect(await collection.sameContent(id, hash, how)).toBeUndefined();
        const two = (await collection.addModel(model(2))).id;
        expect(await collection.sameContent(two, 'same', '')).toBeUndefined();
        await collection.write(two, [
          { kind: 'file', file: facts('a.pdf', { hash: 'same' }), pictures: pages },
        ]);
        expect((await collection.sameContent(two, 'same', ''))?.path).toBe(at('a.pdf'));
        expect((await collection.sameContent(id, 'same', ''))?.path).toBe(at('b.pdf'));
      });
    });

    describe('pictures', () => {
      it('are listed in pages, and found by id', async () => {
        const { collection } = await filled(...[1, 2, 3, 4, 5].map((i) => file(`${i}.jpg`, i, { bytes: i })));
        const ids = async (options: Parameters<Collection['list']>[0]) =>
          (await collection.list(options)).map(({ id }) => id);
        expect(await ids({ limit: 2 })).toEqual([1, 2]);
        expect(await ids({ limit: 2, after: 2 })).toEqual([3, 4]);
        expect(await ids({ limit: 9, after: 1, filter: { minBytes: 2, without: [3] } })).toEqual([2, 4, 5]);
        expect((await collection.pictures([5, 99, 1, 5])).map(({ id }) => id)).toEqual([5, 1, 5]);
        expect(await collection.pictures([])).toEqual([]);
        await expect(collection.list({ limit: 0 })).rejects.toThrow(/limit is 0/);
      });

      it('have vectors in the order of the ids, without those that are gone', async () => {
        const { collection, model: id } = await filled(...[1, 2, 3].map((i) => file(`${i}.jpg`, i)));
        await collection.write(id, [gone('2.jpg')]);
        const { ids, vectors } = await collection.vectors(id, [3, 2, 1, 3]);
        expect(ids).toEqual([3, 1, 3]);
        expect(float16ToFloat32(vectors.subarray(WIDTH, 2 * WIDTH))[0]).toBeCloseTo(vector(1)[0]!, 3);
        expect(vectors.length).toBe(3 * WIDTH);
        expect(await collection.vectors(id, [])).toEqual({ ids: [], vectors: new Uint16Array(0) });
      });

      it('give all vectors in pieces, as they were when it began', async () => {
        const { collection, model: id } = await filled(
          ...[1, 2, 3, 4, 5].map((i) => file(`${i}.jpg`, i, { bytes: i })),
        );
        const pieces: (readonly number[])[] = [];
        for await (const { ids, vectors } of collection.allVectors(id, { size: 2 })) {
          expect(vectors.length).toBe(ids.length * WIDTH);
          pieces.push(ids);
          if (pieces.length === 1) await collection.write(id, [gone('4.jpg'), file('6.jpg', 6)]);
        }
        expect(pieces).toEqual([[1, 2], [3, 4], [5]]);
        const filtered = await all(collection.allVectors(id, { filter: { minBytes: 3 } }));
        expect(filtered.flatMap(({ ids }) => ids)).toEqual([3, 5, 6]);
        for await (const _ of collection.allVectors(id, { size: 1 })) break;
        await collection.write(id, [gone('5.jpg')]);
        expect(await all(collection.allVectors(id, { filter: { minBytes: 1e6 } }))).toEqual([]);
      });

      it('are sampled as if by lot, the same in every store', async () => {
        const pages = [picture(7, { kind: 'page', at: 10 }), picture(8, { kind: 'page', at: 9 })];
        const { collection, model: id } = await filled(
          file('a.jpg', 1, { hash: 'ff' }),
          file('b.jpg', 2, { hash: '0a' }),
          file('c.jpg', 3, { hash: '0A' }),
          { kind: 'file', file: facts('d.pdf', { hash: '0b' }), pictures: pages },
          file('e.jpg', 4, { hash: '0a' }),
        );
        const order = [5, 2, 6, 1, 4, 3];
        const sample = await collection.sample(id, 9);
        expect(sample).toEqual(await collection.vectors(id, order));
        expect((await collection.sample(id, 3)).ids).toEqual(order.slice(0, 3));
        await collection.write(id, [move('a.jpg', 'f.jpg', { hash: '00' })]);
        expect((await collection.sample(id, 9)).ids).toEqual(order);
        const two = (await collection.addModel(model(2))).id;
        expect((await collection.sample(two, 3)).ids).toEqual([]);
      });

      it('are sampled in proportion, also where most are of one video', async () => {
        const [images, frames] = [100, 2500];
        const one = vector(1);
        const video: Change = {
          kind: 'file',
          file: facts('video.mp4', { hash: '77' }),
          pictures: Array.from({ length: frames }, (_, i) => ({
            ...picture(1, { kind: 'frame', at: i / 4 }),
            vector: one,
          })),
        };
        const others = Array.from({ length: images }, (_, i) => file(`${i}.jpg`, i));
        const { collection, model: id } = await filled(video, ...others);
        const { ids } = await collection.sample(id, 1000);
        const found = ids.filter((one) => one > frames).length;
        // In proportion it is 38.
        expect(found).toBeGreaterThan(30);
        expect(found).toBeLessThan(50);
      });
    });

    describe('nearest', () => {
      it('leaves counts as they are, of its own filter too', async () => {
        const { collection, model: id } = await filled(
          ...[1, 2, 3, 4].map((i) => file(`${i}.jpg`, i, { bytes: i })),
        );
        const counts = async () => [
          await collection.count(),
          await collection.count({ minBytes: 2 }),
          await collection.count({ minBytes: 2, without: [1, 2, 2, 99] }),
          await collection.count({ without: [1, 2, 2, 99] }),
        ];
        const ask = () => collection.nearest(id, vector(1), { limit: 9, filter: { minBytes: 2 } });
        expect(await counts()).toEqual([4, 3, 2, 2]);
        await ask();
        expect(await counts()).toEqual([4, 3, 2, 2]);
        await collection.write(id, [file('5.jpg', 5, { bytes: 5 }), gone('2.jpg')]);
        expect(await counts()).toEqual([4, 3, 3, 3]);
        await ask();
        expect(await counts()).toEqual([4, 3, 3, 3]);
      });

      it('gives scores to the bit, best first, equal ones by id', async () => {
        const seeds = [5, 3, 5, 1, 3, 9];
        const { collection, model: id } = await filled(...seeds.map((seed, i) => file(`${i}.jpg`, seed)));
        const query = vector(3.1);
        const { vectors } = await collection.vectors(id, [1, 2, 3, 4, 5, 6]);
        const expected = seeds
          .map((_, row) => ({ id: row + 1, score: innerProduct(query, vectors, row) }))
          .sort((a, b) => b.score - a.score || a.id - b.id);
        expect(await collection.nearest(id, query, { limit: 10_000 })).toEqual(expected);
        expect(await collection.nearest(id, query, { limit: 2 })).toEqual(expected.slice(0, 2));
        const filter = { without: [expected[0]!.id] };
        expect(await collection.nearest(id, query, { limit: 3, filter })).toEqual(expected.slice(1, 4));
        expect(await collection.nearest(id, new Float32Array(WIDTH), { limit: 2 })).toEqual([
          { id: 1, score: 0 },
          { id: 2, score: 0 },
        ]);
      });

      it('refuses queries and limits that mean nothing', async () => {
        const { collection, model: id } = await filled(file('a.jpg', 1));
        const wrong = vector(1).fill(Number.POSITIVE_INFINITY, 0, 1);
        await expect(collection.nearest(id, vector(1, 9), { limit: 1 })).rejects.toThrow(RangeError);
        await expect(collection.nearest(id, wrong, { limit: 1 })).rejects.toThrow(RangeError);
        for (const limit of [0, 1.5, 10_001, Number.NaN])
          await expect(collection.nearest(id, vector(1), { limit })).rejects.toThrow(/limit is/);
        const filter = { from: Number.NaN };
        await expect(collection.nearest(id, vector(1), { limit: 1, filter })).rejects.toThrow(/from is NaN/);
        await expect(collection.count(filter)).rejects.toThrow(RangeError);
      });

      it('of an empty collection is nothing', async () => {
        const { collection, model: id } = await empty();
        expect(await collection.nearest(id, vector(1), { limit: 24 })).toEqual([]);
      });
    });

    describe('filters', () => {
      const PARIS = { latitude: 48.8566, longitude: 2.3522 };
      const changes = [
        file('x/a.jpg', 1, { bytes: 100, modified: 1000 }, { width: 100, height: 200, ...PARIS }),
        file('x/y/b.jpg', 2, { bytes: 200, modified: 2000 }, { width: 300, height: 200, taken: 500 }),
        file('x%/c.jpg', 3, { bytes: 300, modified: 3000 }, { latitude: 48.9, longitude: 2.35 }),
        file("x_'ä/d.jpg", 4, { bytes: 400 }, { kind: 'frame', at: 1, latitude: -89.9, longitude: -179.9 }),
        file('xy/e.jpg', 5, { bytes: 500 }, { kind: 'page', at: 1, latitude: 0, longitude: 179.999 }),
        file('x', 6, { bytes: 600 }, { latitude: 0, longitude: -179.999 }),
        file('x-/f.jpg', 7, { bytes: 700, modified: -1 }),
      ];
      const cases: [string, PictureFilter, number[]][] = [
        ['nothing', {}, [1, 2, 3, 4, 5, 6, 7]],
        ['a folder and a file of its name', { folder: at('x') }, [1, 2, 6]],
        ['a folder with a slash', { folder: at('x/y/') }, [2]],
        ['a file', { folder: at('x/a.jpg') }, [1]],
        ['a folder with %', { folder: at('x%') }, [3]],
        ['a folder with _, a quote and ä', { folder: at("x_'ä") }, [4]],
        ['all folders', { folder: at('/') }, [1, 2, 3, 4, 5, 6, 7]],
        ['a folder that is not there', { folder: at('z') }, []],
        ['from', { from: 1000, before: 1e6 }, [1, 3]],
        ['before', { before: 1000 }, [2, 7]],
        ['bytes', { minBytes: 200, maxBytes: 400 }, [2, 3, 4]],
        ['bytes that are not whole', { minBytes: 199.5, maxBytes: 300.5 }, [2, 3]],
        ['more bytes than a number can say', { minBytes: 1e300 }, []],
        ['the shorter side', { minSide: 101, maxSide: 200 }, [2]],
        ['a place itself', { near: { ...PARIS, kilometres: 0 } }, [1]],
        ['a place', { near: { ...PARIS, kilometres: 4.7 } }, [1]],
        ['a place, wider', { near: { ...PARIS, kilometres: 5 } }, [1, 3]],
        ['a place at the date line', { near: { latitude: 0, longitude: 180, kilometres: 1 } }, [5, 6]],
        ['a pole', { near: { latitude: -90, longitude: 12, kilometres: 12 } }, [4]],
        ['every place', { near: { ...PARIS, kilometres: 30_000 } }, [1, 3, 4, 5, 6]],
        ['kinds', { kinds: ['frame', 'page'] }, [4, 5]],
        ['no kind', { kinds: [] }, []],
        ['without', { without: [1, 3, 99] }, [2, 4, 5, 6, 7]],
        ['without nothing', { without: [] }, [1, 2, 3, 4, 5, 6, 7]],
        [
          'all together',
          {
            folder: at('/'),
            from: 900,
            before: 4000,
            minBytes: 1,
            maxBytes: 300,
            minSide: 2,
            maxSide: 480,
            near: { ...PARIS, kilometres: 9 },
            kinds: ['image'],
            without: [1],
          },
          [3],
        ],
      ];

      it('mean the same in every call', async () => {
        const { collection, model: id } = await filled(...changes);
        for (const [name, filter, ids] of cases) {
          const listed = (await collection.list({ filter, limit: 99 })).map((one) => one.id);
          expect({ name, ids: listed }).toEqual({ name, ids });
          expect({ name, count: await collection.count(filter) }).toEqual({ name, count: ids.length });
          const near = await collection.nearest(id, vector(2), { limit: 99, filter });
          expect({ name, near: near.map((one) => one.id).sort() }).toEqual({ name, near: ids });
          const pieces = await all(collection.allVectors(id, { filter }));
          expect({ name, all: pieces.flatMap((one) => one.ids) }).toEqual({ name, all: ids });
        }
      });
    });

    describe('notes', () => {
      it('are kept with the collection', async () => {
        const { collection } = await empty();
        expect(await collection.note('cutoff')).toBeUndefined();
        const value = { a: [1.5, null, 'ä'], b: { c: true } };
        await collection.setNote('cutoff', value);
        await collection.setNote('other', 'x');
        expect(await (await open(collection.name, false)).note('cutoff')).toEqual(value);
        await collection.setNote('cutoff', 0);
        expect(await collection.note('cutoff')).toBe(0);
        await collection.setNote('cutoff', undefined);
        expect([await collection.note('cutoff'), await collection.note('other')]).toEqual([undefined, 'x']);
      });
    });

    describe('the lock', () => {
      it('is for one at a time, and free again', async () => {
        const { collection } = await empty();
        const again = await open(collection.name, false);
        const lock = await collection.lock();
        await expect(again.lock()).rejects.toThrow(CollectionBusyError);
        await expect(collection.lock()).rejects.toThrow(CollectionBusyError);
        expect(await again.count()).toBe(0);
        await lock.release();
        await lock.release();
        const next = await again.lock();
        await expect(collection.lock()).rejects.toThrow(CollectionBusyError);
        await again.close();
        await (await collection.lock()).release();
        await next.release();
      });
    });

    itWritesAsMemory({ store, location: () => place, runs });
  });
}

/** Without fields that are undefined. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
