import { createHash } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../checkpoint/files/atomic.ts';
import { readJson } from '../../checkpoint/files/json.ts';
import { badImage } from '../../data/samples/decodeSample.ts';
import type { BadSample, Sample } from '../../data/samples/sample.ts';
import { type EncodedSample, encodedSample } from '../../data/shards/sampleMembers.ts';
import { type WriteShardsOptions, type WrittenShard, writeShards } from '../../data/shards/writeShards.ts';
import { InterruptedError } from '../support/errors.ts';
import { type CliIo, note } from '../support/io.ts';

/** Where shards wait for the others: hidden, so that no pattern of shards finds them. */
const UNFINISHED = '.unfinished';
/** Says which of them are whole, and of which samples they were made. */
const RECORD = 'record.json';

const recordSchema = z.array(
  z.object({ name: z.string(), samples: z.int().positive(), bytes: z.int().positive(), digest: z.string() }),
);
type Waiting = z.infer<typeof recordSchema>;

/** Shards of an earlier start that are whole. */
async function waitingIn(folder: string): Promise<Waiting> {
  const record = await readJson(join(folder, RECORD)).catch(() => undefined);
  const parsed = recordSchema.safeParse(record);
  if (!parsed.success) return [];
  const sizes = await Promise.all(
    parsed.data.map(({ name }) =>
      stat(join(folder, name)).then(
        ({ size }) => size,
        () => -1,
      ),
    ),
  );
  return parsed.data.every(({ bytes }, i) => sizes[i] === bytes) ? parsed.data : [];
}

/** Tells samples from others: by their names, what is said about them, and their images. */
function sampleDigest() {
  let hash = createHash('sha256');
  return {
    add({ key, captions, regions, image }: EncodedSample): void {
      hash.update(JSON.stringify([key, captions, regions, image.length]));
      hash.update(image);
    },
    /** Of the samples since the last call. */
    take(): string {
      const digest = hash.digest('hex').slice(0, 16);
      hash = createHash('sha256');
      return digest;
    },
  };
}

/** Shards wait that were made of other samples. */
class OtherSamplesError extends Error {}

/** The samples behind those of which whole shards wait. @throws OtherSamplesError */
async function* behind(
  samples: AsyncIterator<Sample>,
  waiting: Waiting,
  folder: string,
): AsyncGenerator<EncodedSample> {
  const digest = sampleDigest();
  for (const shard of waiting) {
    for (let i = 0; i < shard.samples; i++) {
      const { value, done } = await samples.next();
      if (done) break;
      digest.add(await encodedSample(value));
    }
    if (digest.take() !== shard.digest)
      throw new OtherSamplesError(
        `${join(folder, shard.name)} was made of other samples: the data or the options have changed since; remove ${folder} to start again`,
      );
  }
  for (;;) {
    const { value, done } = await samples.next();
    if (done) return;
    yield await encodedSample(value);
  }
}

/**
 * Writes samples as shards that appear in the folder when all of them are whole: a part of them would look like a
 * smaller data set. Whole shards of a command that was stopped or killed wait in a hidden folder; the same command goes
 * on behind them. Nothing is left of them when `samples` fail.
 */
export async function writeWholeShards(
  samples: AsyncIterable<Sample>,
  folder: string,
  limits: Pick<WriteShardsOptions, 'maxSamples' | 'maxBytes'> = {},
): Promise<WrittenShard[]> {
  const waiting = join(folder, UNFINISHED);
  const found = await waitingIn(waiting);
  if (found.length === 0) await rm(waiting, { recursive: true, force: true });
  const record = [...found];
  const digest = sampleDigest();
  const iterator = samples[Symbol.asyncIterator]();
  async function* digested() {
    for await (const sample of behind(iterator, found, waiting)) {
      digest.add(sample);
      yield sample;
    }
  }
  let keep = false;
  try {
    await writeShards(digested(), {
      ...limits,
      folder: waiting,
      firstShard: found.length,
      async onShard({ path, samples: count, bytes }) {
        record.push({ name: basename(path), samples: count, bytes, digest: digest.take() });
        await writeJson(join(waiting, RECORD), record);
      },
    });
    const shards: WrittenShard[] = [];
    for (const { name, samples: count, bytes } of record) {
      const path = join(folder, name);
      await rename(join(waiting, name), path);
      shards.push({ path, samples: count, bytes });
    }
    return shards;
  } catch (error) {
    keep = error instanceof InterruptedError || error instanceof OtherSamplesError;
    throw error;
  } finally {
    await iterator.return?.();
    if (!keep) await rm(waiting, { recursive: true, force: true });
  }
}

/**
 * Says which shards of an earlier command lie beside new ones, as whoever reads the folder would take them for a part of
 * the set.
 */
export async function noteOlderShards(
  io: CliIo,
  folder: string,
  shards: readonly WrittenShard[],
): Promise<void> {
  const ours = new Set(shards.map(({ path }) => basename(path)));
  const older = (await readdir(folder).catch(() => [])).filter(
    (name) => /^shard-\d{6,}\.tar$/.test(name) && !ours.has(name),
  );
  if (older.length > 0)
    note(
      io,
      `${folder} also holds shards of an earlier run, which do not belong to this one: ${older.sort().join(', ')}`,
    );
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
