import { flag, limit, optional, type Rules, settings, text } from '../../tensor/settings.ts';
import type { Read } from '../samples/sample.ts';
import type { Skipped } from './folder/listFolder.ts';

/** A set whose samples can be read in any order. */
export interface IndexedSource {
  readonly kind: 'indexed';
  readonly name: string;
  readonly size: number;
  /** Files of the folder that are no samples, where it is one. */
  readonly skipped?: Skipped;
  /** The sample at an index, 0 … size − 1. Never throws for what a file holds: that is a {@link Read} that is bad. */
  read(index: number): Promise<Read>;
}

/** One read of a shard, and the place behind it. */
export type ShardRead = Read & {
  /** From where {@link ShardedSource.open} goes on with what follows. */
  readonly next: number;
};

/** A set that is read from front to back, shard by shard. */
export interface ShardedSource {
  readonly kind: 'sharded';
  readonly name: string;
  readonly shards: readonly string[];
  /**
   * The reads of a shard, from a place: 0 or a `ShardRead.next`. Nothing stays open when the iterator is
   * returned early.
   */
  open(shard: number, place: number): AsyncIterable<ShardRead>;
}

export type Source = IndexedSource | ShardedSource;

/** What all sources can be told. */
export interface SourceOptions {
  /** What reports call the source. Default: the path it was made from. */
  readonly name?: string;
  /** Language of captions for which the files say none. Default: unknown. */
  readonly language?: string;
  /** Most bytes of an encoded image; a larger one is not read. Default 32 MiB. */
  readonly maxImageBytes?: number;
  /** Keeps samples that have neither caption nor region, e.g. to annotate them. Default false: they are bad. */
  readonly keepUncaptioned?: boolean;
}

/** The rule of each field, for options that have them among others. */
export const sourceRules: Rules<SourceOptions> = {
  name: optional(text),
  language: optional(text),
  maxImageBytes: optional(limit),
  keepUncaptioned: optional(flag),
};

export const sourceSchema = settings<SourceOptions>(sourceRules);

export const MAX_IMAGE_BYTES = 32 * 2 ** 20;

/** Most bytes of a sample's texts: a caption file, a JSON member. */
export const MAX_TEXT_BYTES = 4 * 2 ** 20;
