import type { Encoder } from '../../encoder/encoder.ts';
import type { Bundle } from '../../search/bundle/bundle.ts';
import type { Collection, StoredModel } from '../../search/collection/collection.ts';
import type { Picture } from '../../search/collection/picture.ts';

/** A collection that is served. */
export interface ServedCollection {
  readonly name: string;
  /** Where it comes from, for people; for the emoji what they are. */
  readonly description: string;
  /** Whether it is only read: the pictures beside a model. */
  readonly isFixed: boolean;
  readonly collection: Collection;
  /** Of the server's model; undefined where the collection has no vectors of it. */
  model(): Promise<StoredModel | undefined>;
  /** What people call a picture: the name of an emoji, or the file's name with its time or page. */
  titleOf(picture: Picture): string;
  /** Stands for the bytes that {@link image} gives: the same as long as they are. */
  tagOf(picture: Picture, side: number): string;
  /**
   * Whether a picture's file is as it was when it was indexed.
   * @throws HTTPException 404 where it is gone or has changed, naming it
   */
  check(picture: Picture): Promise<void>;
  /**
   * A picture as WebP, its longer side at most `side` pixels; never larger than it is.
   * @throws HTTPException 404 where its file is gone or has changed, naming it; the signal's reason when it is aborted first
   */
  image(picture: Picture, side: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** All collections of a server, for one model. They stay open; a new one is found when it is asked for. */
export interface ServedCollections {
  /** By name; the fixed ones first. */
  names(): Promise<string[]>;
  /** @throws HTTPException 404 naming those that there are; 503 where it cannot be opened, or the database not be reached */
  get(name: string): Promise<ServedCollection>;
  /** Why names are missing, in a sentence: the place of the collections cannot be read now. */
  problem(): string | undefined;
}

/** What a server works with: a model, and the pictures beside it. */
export interface ServedModel {
  readonly encoder: Encoder;
  readonly name: string;
  readonly bundle?: Bundle | undefined;
}

/** The collections of a server, whatever model it serves. */
export interface CollectionsHome {
  /** The same collections for a model: call it again when another one is served. */
  serving(model: ServedModel): ServedCollections;
  /** Lets go of a collection, so that it can be removed. */
  forget(name: string): Promise<void>;
  close(): Promise<void>;
}
