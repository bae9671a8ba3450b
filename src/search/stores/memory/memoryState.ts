import type { CollectionModel } from '../../collection/collection.ts';
import type { FileFacts, PictureFacts } from '../../collection/picture.ts';

/** A file, with the ids of its pictures in the order in which they came. */
export interface MemoryFile extends FileFacts {
  readonly bad?: string | undefined;
  readonly pictures: readonly number[];
}

export interface MemoryPicture extends PictureFacts {
  readonly id: number;
  readonly path: string;
  readonly sampleOrder: number;
}

/** All that a collection in memory holds. It is never changed: a write makes the next one. */
export interface MemoryState {
  readonly version: number;
  /** The id that the next picture gets. */
  readonly nextId: number;
  readonly files: ReadonlyMap<string, MemoryFile>;
  /** By id, in the order of ids. */
  readonly pictures: ReadonlyMap<number, MemoryPicture>;
  readonly models: readonly CollectionModel[];
  /** For each model, by id of the picture: float16 as bits. Model 1 is the first. */
  readonly vectors: readonly ReadonlyMap<number, Uint16Array>[];
  /** As JSON. */
  readonly notes: ReadonlyMap<string, string>;
}

export const EMPTY_STATE: MemoryState = {
  version: 0,
  nextId: 1,
  files: new Map(),
  pictures: new Map(),
  models: [],
  vectors: [],
  notes: new Map(),
};
