import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { badImage } from '../data/decode.ts';
import type { BadSample, Sample } from '../data/sample.ts';
import { type EncodedSample, encodedSample } from '../data/shards/sampleMembers.ts';
import { type WrittenShard, writeShards } from '../data/shards/writeShards.ts';

/** Where shards wait for the others: hidden, so that no pattern of shards finds them. */
const UNFINISHED = '.unfinished';

/**
 * Writes samples as shards that appear in the folder when all of them are whole: a part of them would look like a
 * smaller data set. Nothing is left of them when `samples` fail; what a killed process leaves, the next one removes.
 */
export async function writeWholeShards(
  samples: AsyncIterable<Sample>,
  folder: string,
): Promise<WrittenShard[]> {
  const waiting = join(folder, UNFINISHED);
  await rm(waiting, { recursive: true, force: true });
  try {
    const shards: WrittenShard[] = [];
    for (const shard of await writeShards(samples, { folder: waiting })) {
      const path = join(folder, basename(shard.path));
      await rename(shard.path, path);
      shards.push({ ...shard, path });
    }
    return shards;
  } finally {
    await rm(waiting, { recursive: true, force: true });
  }
}

/** Samples whose images shards can hold, each with its image read, once; of the others it tells. */
export async function* writable(
  samples: AsyncIterable<Sample>,
  onBad: (bad: BadSample) => void,
): AsyncGenerator<EncodedSample> {
  for await (const sample of samples) {
    const encoded = await encodedSample(sample).catch((error: unknown) => onBad(badImage(sample, error)));
    if (encoded) yield encoded;
  }
}
