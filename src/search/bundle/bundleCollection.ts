import { castFloat } from '../../checkpoint/safetensors/castFloat.ts';
import type {
  Collection,
  CollectionModel,
  NearestOptions,
  Neighbour,
  StoredModel,
  StoredVectors,
} from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import type { Picture } from '../collection/picture.ts';
import { sampleOrder } from '../collection/sampleOrder.ts';
import { innerProduct } from '../collection/vectors/innerProduct.ts';
import { matches } from '../stores/memory/matches.ts';
import type { Bundle } from './bundle.ts';

const MODEL = 1;

/** Where a picture would lie if it were a file. The item that it varies stands for its bytes: so both are one hit. */
function pictureOf({ items, size, pictures }: Bundle, index: number): Picture {
  const { id, variantOf = id } = items[index]!;
  return {
    id: index + 1,
    path: `/${id}`,
    hash: variantOf,
    how: '',
    bytes: pictures[index]!.length,
    modified: 0,
    ...{ kind: 'image', at: 0, width: size, height: size },
  };
}

/**
 * A bundle as a collection, in memory, that is never changed: the picture of `items[i]` has the id i + 1. It is made in
 * milliseconds, and a search looks at all of its pictures.
 */
export class BundleCollection implements Collection {
  readonly name: string;
  readonly #pictures: readonly Picture[];
  readonly #model: StoredModel;
  /** [n, width], float16 as bits */
  readonly #vectors: Uint16Array;
  readonly #notes = new Map<string, string>();
  #sampled: readonly number[] | undefined;

  constructor(name: string, bundle: Bundle, model: CollectionModel) {
    this.name = name;
    this.#pictures = bundle.items.map((_, index) => pictureOf(bundle, index));
    this.#model = { ...model, id: MODEL, pictures: bundle.items.length };
    const { buffer, byteOffset, byteLength } = castFloat(bundle.embeddings, 'float16').data;
    this.#vectors = new Uint16Array(buffer, byteOffset, byteLength / 2);
  }

  #rows(model: number, ids: readonly number[]): StoredVectors {
    if (model !== MODEL) throw new RangeError(`the collection '${this.name}' has no model ${model}`);
    const { width } = this.#model;
    const found = ids.filter((id) => this.#pictures[id - 1] !== undefined);
    const vectors = new Uint16Array(found.length * width);
    found.forEach((id, row) => {
      vectors.set(this.#vectors.subarray((id - 1) * width, id * width), row * width);
    });
    return { ids: found, vectors };
  }

  #matching(filter: PictureFilter | undefined): readonly Picture[] {
    return filter ? this.#pictures.filter((picture) => matches(filter, picture)) : this.#pictures;
  }

  #fixed(): Error {
    return new Error(`the collection '${this.name}' is only read`);
  }

  async models(): Promise<StoredModel[]> {
    return [this.#model];
  }

  async addModel(): Promise<StoredModel> {
    throw this.#fixed();
  }

  async *files(): AsyncGenerator<never> {}

  async sameContent(): Promise<undefined> {}

  async write(): Promise<void> {
    throw this.#fixed();
  }

  async version(): Promise<number> {
    return 1;
  }

  async count(filter?: PictureFilter): Promise<number> {
    return this.#matching(filter).length;
  }

  async list(options: {
    readonly filter?: PictureFilter | undefined;
    readonly after?: number | undefined;
    readonly limit: number;
  }): Promise<Picture[]> {
    const { filter, after = 0, limit } = options;
    return this.#matching(filter)
      .filter(({ id }) => id > after)
      .slice(0, limit);
  }

  async pictures(ids: readonly number[]): Promise<Picture[]> {
    return ids.flatMap((id) => this.#pictures[id - 1] ?? []);
  }

  async vectors(model: number, ids: readonly number[]): Promise<StoredVectors> {
    return this.#rows(model, ids);
  }

  async *allVectors(
    model: number,
    { filter, size = 1024 }: { filter?: PictureFilter | undefined; size?: number | undefined } = {},
  ): AsyncGenerator<StoredVectors> {
    const ids = this.#matching(filter).map(({ id }) => id);
    for (let start = 0; start < ids.length; start += size)
      yield this.#rows(model, ids.slice(start, start + size));
  }

  async sample(model: number, limit: number): Promise<StoredVectors> {
    this.#sampled ??= this.#pictures
      .map((picture) => ({ id: picture.id, order: sampleOrder(picture.hash, picture) }))
      .sort((a, b) => a.order - b.order || a.id - b.id)
      .map(({ id }) => id);
    return this.#rows(model, this.#sampled.slice(0, limit));
  }

  async nearest(model: number, query: Float32Array, options: NearestOptions): Promise<Neighbour[]> {
    if (model !== MODEL || query.length !== this.#model.width)
      throw new RangeError(`the query is of another model than the collection '${this.name}'`);
    const all = this.#matching(options.filter).map(({ id }) => ({
      id,
      score: innerProduct(query, this.#vectors, id - 1),
    }));
    return all.sort((a, b) => b.score - a.score || a.id - b.id).slice(0, options.limit);
  }

  async note(key: string): Promise<unknown> {
    const text = this.#notes.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async setNote(key: string, value: unknown): Promise<void> {
    this.#notes.set(key, JSON.stringify(value));
  }

  async lock(): Promise<never> {
    throw this.#fixed();
  }

  async close(): Promise<void> {}
}
