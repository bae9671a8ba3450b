import type { Source } from '../sources/source.ts';
import { indexedStream } from './indexedStream.ts';
import { type ShardedStreamOptions, shardedStream } from './shardedStream.ts';
import type { SampleStream } from './stream.ts';

/**
 * Endless shuffled passes over a source of either kind: {@link indexedStream} or {@link shardedStream}. The window's
 * limits concern only sources that are read from front to back.
 * @example
 * const stream = sampleStream(await imageFolder('photos'), { seed: 0 });
 */
export const sampleStream = (source: Source, options: ShardedStreamOptions): SampleStream =>
  source.kind === 'indexed' ? indexedStream(source, options) : shardedStream(source, options);
