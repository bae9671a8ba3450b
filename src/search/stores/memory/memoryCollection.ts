import type { Change } from '../../collection/change.ts';
import { checkFilter, checkLimit, checkNearest, checkQuery } from '../../collection/checks.ts';
import {
  type Collection,
  CollectionBusyError,
  type CollectionLock,
  type CollectionModel,
  type ContentCopy,
  type NearestOptions,
  type Neighbour,
  type StoredFile,
  type StoredModel,
  type StoredVectors,
} from '../../collection/collection.ts';
import type { PictureFilter } from '../../collection/filter.ts';
import { isSameModel } from '../../collection/isSameModel.ts';
import type { Picture } from '../../collection/picture.ts';
import { innerProduct } from '../../collection/vectors/innerProduct.ts';
import { applyChanges } from './applyChanges.ts';
import { filesOf, picturesOf, sampleIds, vectorsOf } from './memoryQueries.ts';
import type { MemoryState } from './memoryState.ts';

/** What all that have a collection in memory open share. */
export interface MemoryCell {
  state: MemoryState;
  /** Who has the right to change it. */
  lock: CollectionLock | undefined;
}

/**
 * A collection in the memory of this process: every method in its plainest form. Tests hold other stores against it; it
 * looks at everything in every call, so it is for some thousands of pictures.
 */
export class MemoryCollection implements Collection {
  readonly name: string;
  readonly #cell: MemoryCell;
  readonly #locks: CollectionLock[] = [];
  #open = true;

  constructor(name: string, cell: MemoryCell) {
    this.name = name;
    this.#cell = cell;
  }

  get #state(): MemoryState {
    if (this.#open) return this.#cell.state;
    throw new Error(`the collection '${this.name}' is closed`);
  }

  #stored(id: number): StoredModel {
    const { models, vectors } = this.#state;
    const model = models[id - 1];
    if (!model) throw new RangeError(`the collection '${this.name}' has no model ${id}`);
    return { ...model, id, pictures: vectors[id - 1]!.size };
  }

  async models(): Promise<StoredModel[]> {
    return this.#state.models.map((_, i) => this.#stored(i + 1));
  }

  async addModel(model: CollectionModel): Promise<StoredModel> {
    const { models, vectors } = this.#state;
    checkQuery(model.probe, model.width);
    const known = models.findIndex((one) => isSameModel(one, model));
    if (known >= 0) return this.#stored(known + 1);
    const { name, width, probe } = model;
    const added = { name, width, probe: probe.slice() };
    this.#cell.state = { ...this.#state, models: [...models, added], vectors: [...vectors, new Map()] };
    return this.#stored(models.length + 1);
  }

  async *files(model: number): AsyncIterable<StoredFile> {
    this.#stored(model);
    yield* filesOf(this.#state, model);
  }

  async sameContent(model: number, hash: string, how: string): Promise<ContentCopy | undefined> {
    this.#stored(model);
    if (hash === '') return undefined;
    const files = [...filesOf(this.#state, model)];
    const file = files.find((one) => one.hash === hash && one.how === how && !one.bad && one.embedded);
    if (!file) return undefined;
    const pictures = picturesOf(this.#state).filter(({ path }) => path === file.path);
    return {
      path: file.path,
      pictures,
      vectors: vectorsOf(
        this.#state,
        model,
        pictures.map(({ id }) => id),
      ),
    };
  }

  async write(model: number, changes: readonly Change[]): Promise<void> {
    this.#stored(model);
    this.#cell.state = applyChanges(this.#state, model, changes);
  }

  async version(): Promise<number> {
    return this.#state.version;
  }

  async count(filter?: PictureFilter): Promise<number> {
    checkFilter(filter);
    return picturesOf(this.#state, filter).length;
  }

  async list(options: { filter?: PictureFilter; after?: number; limit: number }): Promise<Picture[]> {
    const { filter, after = 0, limit } = options;
    checkFilter(filter);
    checkLimit(limit);
    return picturesOf(this.#state, filter)
      .filter(({ id }) => id > after)
      .slice(0, limit);
  }

  async pictures(ids: readonly number[]): Promise<Picture[]> {
    const all = new Map(picturesOf(this.#state).map((picture) => [picture.id, picture]));
    return ids.flatMap((id) => all.get(id) ?? []);
  }

  async vectors(model: number, ids: readonly number[]): Promise<StoredVectors> {
    this.#stored(model);
    return vectorsOf(this.#state, model, ids);
  }

  async *allVectors(
    model: number,
    { filter, size = 1024 }: { filter?: PictureFilter; size?: number } = {},
  ): AsyncIterable<StoredVectors> {
    checkFilter(filter);
    checkLimit(size);
    const [state] = [this.#state, this.#stored(model)];
    const { ids } = vectorsOf(
      state,
      model,
      picturesOf(state, filter).map(({ id }) => id),
    );
    for (let start = 0; start < ids.length; start += size)
      yield vectorsOf(state, model, ids.slice(start, start + size));
  }

  async sample(model: number, limit: number): Promise<StoredVectors> {
    this.#stored(model);
    checkLimit(limit);
    return vectorsOf(this.#state, model, sampleIds(this.#state, model).slice(0, limit));
  }

  async nearest(model: number, query: Float32Array, options: NearestOptions): Promise<Neighbour[]> {
    checkQuery(query, this.#stored(model).width);
    checkNearest(options);
    const { ids, vectors } = vectorsOf(
      this.#state,
      model,
      picturesOf(this.#state, options.filter).map(({ id }) => id),
    );
    const all = ids.map((id, row) => ({ id, score: innerProduct(query, vectors, row) }));
    return all.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, options.limit);
  }

  async note(key: string): Promise<unknown> {
    const text = this.#state.notes.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async setNote(key: string, value: unknown): Promise<void> {
    const notes = new Map(this.#state.notes);
    if (value === undefined) notes.delete(key);
    else notes.set(key, JSON.stringify(value));
    this.#cell.state = { ...this.#state, notes };
  }

  async lock(): Promise<CollectionLock> {
    const cell = this.#cell;
    // Also says where it is closed.
    if (this.#state && cell.lock)
      throw new CollectionBusyError(`the collection '${this.name}' is being changed already`);
    const lock: CollectionLock = {
      async release() {
        if (cell.lock === lock) cell.lock = undefined;
      },
    };
    cell.lock = lock;
    this.#locks.push(lock);
    return lock;
  }

  async close(): Promise<void> {
    this.#open = false;
    for (const lock of this.#locks.splice(0)) await lock.release();
  }
}
