import type { Collection } from '../collection/collection.ts';

export interface OpenCollectionOptions {
  /** Letters, digits, `-`, `_` and `.`, at most 64; does not begin with a dot. */
  readonly name: string;
  /** Make it where there is none. Default false. */
  readonly create?: boolean | undefined;
}

/** A way to keep collections. */
export interface Store {
  readonly name: string;
  /** Whether a location is of this store: a folder, or an address such as `postgres://…`. */
  accepts(location: string): boolean;
  /** @throws Error saying what to do where the location cannot be reached, or has no such collection */
  open(location: string, options: OpenCollectionOptions): Promise<Collection>;
  /** Names of the collections at a location, sorted; none where the location is not there yet. */
  list(location: string): Promise<string[]>;
  /** Bytes that a collection takes where it is kept, where the store can tell. */
  size?(location: string, name: string): Promise<number>;
  /**
   * Tells a collection from another one that was made under the same name after it was removed, where the store can.
   * @throws Error where there is none, or the location cannot be reached
   */
  identity?(location: string, name: string): Promise<string>;
  /** Removes a collection with all that it keeps; the pictures' files are left alone. */
  remove(location: string, name: string): Promise<void>;
}
