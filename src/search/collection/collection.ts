import type { Change } from './change.ts';
import type { PictureFilter } from './filter.ts';
import type { FileFacts, Picture } from './picture.ts';

/** A model whose vectors a collection holds. */
export interface CollectionModel {
  /** What `--model` was: a name on the hub, or an absolute directory. */
  readonly name: string;
  /** Length of the vectors. */
  readonly width: number;
  /** Unit-length embedding of `MODEL_PROBE` by this model: other weights embed it otherwise. */
  readonly probe: Float32Array;
}

export interface StoredModel extends CollectionModel {
  readonly id: number;
  /** Pictures that have a vector of this model. */
  readonly pictures: number;
}

/** What a collection knows of a file. */
export interface StoredFile extends FileFacts {
  /** Why it cannot be read, of a bad file. */
  readonly bad?: string | undefined;
  /** Whether all of its pictures have a vector of the model that was asked for; true for a bad file. */
  readonly embedded: boolean;
}

/** A picture that a query found. */
export interface Neighbour {
  readonly id: number;
  /** Inner product of the query with the stored float16 vector, by `innerProduct`: the cosine, for a unit query. */
  readonly score: number;
}

export interface NearestOptions {
  /** Most pictures to give, 1 … 10,000. */
  readonly limit: number;
  readonly filter?: PictureFilter | undefined;
}

/** Vectors of some pictures, [ids.length, width], float16 as bits. */
export interface StoredVectors {
  readonly ids: readonly number[];
  readonly vectors: Uint16Array;
}

/**
 * A searchable set of pictures in a store, open. It may be open in several processes at once; what one writes, the others
 * see with their next call. `model` is always the id of a {@link StoredModel}.
 */
export interface Collection {
  readonly name: string;
  /** In the order in which they came. */
  models(): Promise<StoredModel[]>;
  /** The stored model with this width and probe (cosine above 0.999), else a new one. */
  addModel(model: CollectionModel): Promise<StoredModel>;
  /** Every path that the collection knows, bad ones too, in the order of `comparePaths`. */
  files(model: number): AsyncIterable<StoredFile>;
  /** Files with these bytes that were read so, embedded by `model`; with the pictures and their vectors to copy from. */
  sameContent(model: number, hash: string, how: string): Promise<ContentCopy | undefined>;
  /**
   * All of the changes or, where it fails or the process dies, none; in their order. Adds one to the version.
   * @throws RangeError for a vector that is not of the model's width or has a value that is not finite
   */
  write(model: number, changes: readonly Change[]): Promise<void>;
  /** Grows with each write, by any process. */
  version(): Promise<number>;
  count(filter?: PictureFilter): Promise<number>;
  /** Pictures in the order of their ids, from the first after `after`. */
  list(options: {
    readonly filter?: PictureFilter | undefined;
    readonly after?: number | undefined;
    readonly limit: number;
  }): Promise<Picture[]>;
  /** In the order of the ids; those that are gone are left out. */
  pictures(ids: readonly number[]): Promise<Picture[]>;
  /** In the order of the ids; pictures without a vector of the model are left out. */
  vectors(model: number, ids: readonly number[]): Promise<StoredVectors>;
  /** All vectors in the order of ids, in pieces of at most `size`; a snapshot. */
  allVectors(
    model: number,
    options?: { readonly filter?: PictureFilter | undefined; readonly size?: number | undefined },
  ): AsyncIterable<StoredVectors>;
  /**
   * Vectors of up to `limit` pictures that stand for all: the first by `sampleOrder` (then id), which is a random choice
   * and the same in every store.
   */
  sample(model: number, limit: number): Promise<StoredVectors>;
  /**
   * The pictures that are nearest to a query among those that have a vector of the model, exactly: best first, equal
   * scores by id.
   * @param query [width of the model]
   * @throws RangeError when the query has another width or a value that is not finite
   */
  nearest(model: number, query: Float32Array, options: NearestOptions): Promise<Neighbour[]>;
  /** A small value that is kept with the collection, as JSON; undefined where there is none. */
  note(key: string): Promise<unknown>;
  setNote(key: string, value: unknown): Promise<void>;
  /**
   * The right to change files and pictures, for one process at a time; it ends with the process.
   * @throws CollectionBusyError when another process has it
   */
  lock(): Promise<CollectionLock>;
  close(): Promise<void>;
}

/** Pictures and vectors of a file whose bytes are known. */
export interface ContentCopy {
  /** Path of the file that has them. */
  readonly path: string;
  readonly pictures: readonly Picture[];
  /** In the order of `pictures`. */
  readonly vectors: StoredVectors;
}

export interface CollectionLock {
  release(): Promise<void>;
}

/** Another process is changing the collection. */
export class CollectionBusyError extends Error {
  override readonly name = 'CollectionBusyError';
}
