import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Change } from '../../../src/search/collection/change.ts';
import type { Collection } from '../../../src/search/collection/collection.ts';
import type { PictureFilter } from '../../../src/search/collection/filter.ts';
import { memoryStore } from '../../../src/search/stores/memory/memoryStore.ts';
import type { Store } from '../../../src/search/stores/store.ts';
import { all, at, bad, facts, gone, model, move, picture, vector } from './changes.ts';

const name = fc.constantFrom(
  'a.jpg',
  'a/b.jpg',
  'a/ä.jpg',
  'a%/b.jpg',
  'A.jpg',
  '\u{1f600}.jpg',
  '\uffee.jpg',
);
const hash = fc.constantFrom('00', '0a', 'ff');
const small = fc.integer({ min: 0, max: 3 });

/** Few different vectors, so that scores are equal often. */
const pictures = fc
  .uniqueArray(fc.tuple(fc.constantFrom('image', 'frame', 'page'), small), {
    maxLength: 3,
    selector: ([kind, time]) => `${kind} ${time}`,
  })
  .chain((keys) =>
    fc.tuple(
      ...keys.map(([kind, time]) =>
        fc
          .record({
            seed: small,
            width: fc.integer({ min: 1, max: 9 }),
            taken: fc.option(small),
            place: fc.option(small),
          })
          .map(({ seed, width, taken, place }) =>
            picture(seed, {
              kind: kind as 'image',
              at: time,
              width,
              height: 5,
              ...(taken === null ? {} : { taken }),
              ...(place === null ? {} : { latitude: place * 20, longitude: place * 50 }),
            }),
          ),
      ),
    ),
  );

const more = fc.record({ hash, how: fc.constantFrom('', 'every=2'), bytes: small, modified: small });

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(name, more, pictures)
      .map(([path, m, p]): Change => ({ kind: 'file', file: facts(path, m), pictures: p })),
  },
  { weight: 1, arbitrary: fc.tuple(name, more).map(([path, m]) => bad(path, 'is cut off', m)) },
  { weight: 2, arbitrary: fc.tuple(name, name, more).map(([from, to, m]) => move(from, to, m)) },
  { weight: 1, arbitrary: name.map(gone) },
);

const writes = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.array(change, { maxLength: 4 })), {
  maxLength: 6,
});

const FILTERS: PictureFilter[] = [
  {},
  { folder: at('a') },
  { from: 1, before: 3 },
  { minBytes: 1, maxBytes: 2, minSide: 2, maxSide: 4 },
  { near: { latitude: 20, longitude: 49, kilometres: 200 } },
  { kinds: ['frame', 'image'], without: [2, 3] },
];

/** All that a collection says. */
async function everything(collection: Collection, models: readonly number[]): Promise<unknown> {
  const perModel = models.map(async (id) => ({
    files: await all(collection.files(id)),
    vectors: await all(collection.allVectors(id, { size: 3 })),
    sample: await collection.sample(id, 4),
    copies: [await collection.sameContent(id, '00', ''), await collection.sameContent(id, 'ff', 'every=2')],
    nearest: await Promise.all(
      FILTERS.map((filter) => collection.nearest(id, vector(1.5), { limit: 7, filter })),
    ),
  }));
  return {
    version: await collection.version(),
    models: await collection.models(),
    pictures: await Promise.all(FILTERS.map((filter) => collection.list({ limit: 50, filter }))),
    counts: await Promise.all(FILTERS.map((filter) => collection.count(filter))),
    perModel: await Promise.all(perModel),
  };
}

interface Options {
  readonly store: Store;
  readonly location: () => string;
  readonly runs: number;
}

/** Random sequences of writes give the same as in the memory store, scores to the bit. */
export function itWritesAsMemory({ store, location, runs }: Options): void {
  let count = 0;
  it('random writes give the same as in memory', async () => {
    await fc.assert(
      fc.asyncProperty(writes, async (sequence) => {
        const title = `random${count++}`;
        const [tested, plain] = [
          await store.open(location(), { name: title, create: true }),
          await memoryStore.open('memory:random', { name: title, create: true }),
        ];
        for (const collection of [tested, plain])
          for (const seed of [1, 2]) await collection.addModel(model(seed));
        const ids = (await tested.models()).map(({ id }) => id);
        const plainIds = (await plain.models()).map(({ id }) => id);
        for (const [which, changes] of sequence) {
          const wrote = await outcome(tested.write(ids[which]!, changes));
          expect(wrote).toEqual(await outcome(plain.write(plainIds[which]!, changes)));
        }
        expect(await everything(tested, ids)).toEqual(await everything(plain, plainIds));
        await Promise.all([tested.close(), plain.close()]);
        await store.remove(location(), title);
        if (store !== memoryStore) await memoryStore.remove('memory:random', title);
      }),
      { numRuns: runs },
    );
  });
}

const outcome = (write: Promise<void>): Promise<string> =>
  write.then(
    () => 'written',
    (error: Error) => error.name,
  );
