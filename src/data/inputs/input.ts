import type { ImageSource } from '../../input/image/imageSource.ts';
import type { BadSample } from '../samples/sample.ts';
import type { Skipped } from '../sources/folder/listFolder.ts';

/** An image that a command is given. */
export interface Input {
  /** What results and reports call it: a path, or `shard.tar#key`. */
  readonly name: string;
  readonly image: ImageSource;
  /** Tells whether it is the same image again: size and time of change of the file it lies in. */
  readonly stamp: string;
}

/** One of the inputs, or what is wrong with it. */
export type InputRead =
  | { readonly input: Input; readonly bad?: undefined }
  | { readonly bad: BadSample; readonly input?: undefined };

/** What a command is given, in one fixed order. */
export interface InputList {
  /** How many there are; undefined where shards have to be read for it. */
  readonly total?: number;
  /** What was left out of folders. */
  readonly skipped: Skipped;
  /** All of them, from the start. What a file holds never ends it: that is a bad input. */
  reads(): AsyncIterable<InputRead>;
}
