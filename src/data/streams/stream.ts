import { flag, optional, settings, wholeNumber } from '../../tensor/settings.ts';
import type { Read } from '../samples/sample.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Where a stream stands: a small plain value. Everything that follows is a function of it. */
export type Position = Json;

/** One read of a stream, and the position behind it. */
export type StreamItem = Read & {
  readonly next: Position;
  /** Counts passes over the whole data. Only differences within one reading mean something. */
  readonly epoch: number;
};

/** An endless sequence of reads in a fixed order, readable from any position that it has given. */
export interface SampleStream {
  /** Everything that decides the order. Positions of streams that differ in it can't be exchanged. */
  readonly identity: Json;
  /**
   * The reads from a position; from the beginning without one.
   * @throws Error when the position is not one of this stream's.
   */
  from(position?: Position): AsyncIterable<StreamItem>;
}

export interface StreamOptions {
  readonly seed: number;
  /** Whether each pass has an order of its own. Default true. */
  readonly shuffle?: boolean;
}

/** The rule of each field, for options that have them among others. */
export const streamRules = { seed: wholeNumber, shuffle: optional(flag) };

export const streamSchema = settings<StreamOptions>(streamRules);

/** What a position that does not fit is answered with. */
export const foreignPosition = (name: string): Error =>
  new Error(`${name}: the saved position is of another stream: start from the beginning, without it.`);
