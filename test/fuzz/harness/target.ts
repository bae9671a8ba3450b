import type { Random } from '../../../src/tensor/random.ts';

/** Something that reads input from strangers. */
export interface FuzzTarget {
  /** What is fuzzed, in a line. */
  readonly what: string;
  /** Sound inputs, built by the project and the same in every run; all others are made of them. */
  seeds(): Promise<readonly Uint8Array[]>;
  /** Another input, made of one seed and perhaps of parts of the others. Default: changed bytes. */
  mutate?(random: Random, seed: Uint8Array, seeds: readonly Uint8Array[]): Uint8Array;
  /** Gets ready, in the process that the inputs are read in. @param folder an empty one, for files */
  start(folder: string): Promise<Reader>;
  /** Most MiB that one input may take, on top of what was taken before. Default 256. */
  readonly memory?: number;
  /** Seconds after which an input hangs. Default 5. */
  readonly patience?: number;
}

export interface Reader {
  /**
   * Reads one input and uses what is in it, as a user's program would.
   * @returns what came of it, for people
   * @throws what the library throws: it is judged by whether it is in words (see `faultOf`)
   */
  read(input: Uint8Array): Promise<string>;
  close?(): Promise<void>;
}

/** What is wrong whoever the input is from: says so whatever the message is. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export const MEMORY = 256;
export const PATIENCE = 5;
