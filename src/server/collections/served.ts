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
  /**
   * A picture as WebP, its longer side at most `side` pixels; never larger than it is.
   * @throws HTTPException 404 where its file is gone or has changed, naming it; the signal's reason when it is aborted first
   */
  image(picture: Picture, side: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
}

/** All collections of a server. They stay open; a new one is found when it is asked for. */
export interface ServedCollections {
  /** By name; the fixed ones first. */
  names(): Promise<string[]>;
  /** @throws HTTPException 404 naming those that there are; 503 where the database cannot be reached */
  get(name: string): Promise<ServedCollection>;
  close(): Promise<void>;
}
