import type { Encoder } from '../encoder/encoder.ts';
import type { Collection } from './collection.ts';

/** A way to keep a collection in a folder, e.g. the folder of a model. */
export interface Store {
  readonly name: string;
  /** Whether a folder holds a collection that is kept this way. */
  holds(folder: string): boolean;
  /**
   * @param encoder the model that the collection was made by
   * @throws Error when what lies there is damaged, or was made by another model
   */
  open(folder: string, encoder: Encoder): Promise<Collection>;
}
