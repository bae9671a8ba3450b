import type { Change } from '../../collection/change.ts';
import { checkFilter, checkLimit, checkNearest, checkQuery } from '../../collection/checks.ts';
import type {
  Collection,
  CollectionLock,
  CollectionModel,
  ContentCopy,
  NearestOptions,
  Neighbour,
  StoredFile,
  StoredModel,
  StoredVectors,
} from '../../collection/collection.ts';
import type { PictureFilter } from '../../collection/filter.ts';
import type { Picture } from '../../collection/picture.ts';
import { ChangeLock } from './changeLock.ts';
import type { Session } from './connection/session.ts';
import { Models } from './models.ts';
import * as reads from './reads.ts';
import type { Place } from './setUp.ts';
import { Indexes } from './vectors/indexes.ts';
import { nearest } from './vectors/nearest.ts';
import { readSnapshot } from './vectors/snapshot.ts';
import { writeChanges } from './writes.ts';

/** Files that are read at a time. */
const FILES = 1000;

export interface PostgresCollectionParts {
  readonly name: string;
  readonly session: Session;
  readonly place: Place;
  /** Up to so many pictures are compared one by one. */
  readonly exactLimit: number;
  /** Lets the database go. */
  closed(): Promise<void>;
}

/** A collection in PostgreSQL, open. */
export class PostgresCollection implements Collection {
  readonly name: string;
  readonly #session: Session;
  readonly #place: Place;
  readonly #models: Models;
  readonly #indexes: Indexes;
  readonly #closed: () => Promise<void>;
  readonly #locks = new Set<ChangeLock>();

  constructor({ name, session, place, exactLimit, closed }: PostgresCollectionParts) {
    this.name = name;
    this.#session = session;
    this.#place = place;
    this.#models = new Models(name, session);
    this.#indexes = new Indexes(name, session, place.id, exactLimit);
    this.#closed = closed;
  }

  models(): Promise<StoredModel[]> {
    return this.#models.all();
  }

  addModel(model: CollectionModel): Promise<StoredModel> {
    return this.#models.add(model);
  }

  async *files(model: number): AsyncIterable<StoredFile> {
    const { id } = await this.#models.get(model);
    let after = '';
    for (;;) {
      const files = await this.#session.read((query) => reads.readFiles(query, id, after, FILES));
      yield* files;
      if (files.length < FILES) return;
      after = files.at(-1)!.path;
    }
  }

  async sameContent(model: number, hash: string, how: string): Promise<ContentCopy | undefined> {
    const stored = await this.#models.get(model);
    if (hash === '') return undefined;
    return this.#session.read(async (query) => {
      const found = await reads.readSameContent(query, stored.id, hash, how);
      if (found === undefined) return undefined;
      const ids = found.pictures.map(({ id }) => id);
      return { ...found, vectors: await reads.readVectors(query, stored, ids) };
    });
  }

  async write(model: number, changes: readonly Change[]): Promise<void> {
    const stored = await this.#models.get(model);
    await this.#session.write(async (query) => {
      // In each attempt: the right ends with its connection, where the server went away.
      for (const lock of this.#locks) await lock.ensure();
      await writeChanges(query, stored, this.#place.halfvec, changes);
    });
    await this.#indexes.written(stored, changes.length);
  }

  version(): Promise<number> {
    return this.#session.read(reads.readVersion);
  }

  async count(filter?: PictureFilter): Promise<number> {
    checkFilter(filter);
    return this.#session.read((query) => reads.countPictures(query, filter));
  }

  async list(options: { filter?: PictureFilter; after?: number; limit: number }): Promise<Picture[]> {
    checkFilter(options.filter);
    checkLimit(options.limit);
    return this.#session.read((query) => reads.listPictures(query, options));
  }

  pictures(ids: readonly number[]): Promise<Picture[]> {
    return this.#session.read((query) => reads.readPictures(query, ids));
  }

  async vectors(model: number, ids: readonly number[]): Promise<StoredVectors> {
    const stored = await this.#models.get(model);
    return this.#session.read((query) => reads.readVectors(query, stored, ids));
  }

  async *allVectors(
    model: number,
    { filter, size = 1024 }: { filter?: PictureFilter | undefined; size?: number | undefined } = {},
  ): AsyncIterable<StoredVectors> {
    checkFilter(filter);
    checkLimit(size);
    yield* readSnapshot(this.#session, await this.#models.get(model), filter, size);
  }

  async sample(model: number, limit: number): Promise<StoredVectors> {
    checkLimit(limit);
    const stored = await this.#models.get(model);
    return this.#session.read((query) => reads.readSample(query, stored, limit));
  }

  /**
   * Exact where at most 20,000 pictures are looked at. Beyond that an HNSW index finds them, once it is built: it may miss
   * some of the nearest; the scores of those that it gives are exact.
   */
  async nearest(model: number, vector: Float32Array, options: NearestOptions): Promise<Neighbour[]> {
    const stored = await this.#models.get(model);
    checkQuery(vector, stored.width);
    checkNearest(options);
    return this.#session.read(async (query) =>
      nearest(query, stored, vector, options, await this.#indexes.use(query, stored)),
    );
  }

  note(key: string): Promise<unknown> {
    return this.#session.read((query) => reads.readNote(query, key));
  }

  async setNote(key: string, value: unknown): Promise<void> {
    await this.#session.read((query) =>
      value === undefined
        ? query('DELETE FROM notes WHERE name = $1', [key])
        : query(
            'INSERT INTO notes (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
            [key, JSON.stringify(value)],
          ),
    );
  }

  async lock(): Promise<CollectionLock> {
    const lock = await ChangeLock.take(this.#session, this.#place.id, this.name);
    this.#locks.add(lock);
    return {
      release: async () => {
        if (!this.#locks.delete(lock)) return;
        await lock.release();
        await this.#indexes.make();
      },
    };
  }

  async close(): Promise<void> {
    await this.#indexes.make();
    await this.#session.close();
    for (const lock of this.#locks) await lock.release();
    this.#locks.clear();
    await this.#closed();
  }
}
