import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AnnotationMemory } from '../../data/annotation/annotateSamples.ts';
import { fileStamp } from '../../data/inputs/stamp.ts';
import type { Region, Sample } from '../../data/samples/sample.ts';
import { type Identity, openJournal } from './journal.ts';
import { jsonCodec } from './results.ts';

const box = z.object({ y1: z.number(), x1: z.number(), y2: z.number(), x2: z.number() });

const regionsSchema: z.ZodType<readonly Region[]> = z.array(
  z
    .object({ box, text: z.string(), language: z.string().optional(), score: z.number().optional() })
    .transform(({ language, score, ...rest }) => ({
      ...rest,
      ...(language !== undefined && { language }),
      ...(score !== undefined && { score }),
    })),
);

/** Tells whether it is the same image with the same captions again. */
async function stampOf({ image, captions }: Sample): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(captions));
  if (typeof image === 'string') hash.update(await fileStamp(image));
  else hash.update(image instanceof Uint8Array ? image : image.data);
  return hash.digest('hex').slice(0, 16);
}

/** A memory of annotations that outlives the process. */
export interface JournalledMemory extends AnnotationMemory {
  /** Samples that earlier starts have looked at. */
  readonly kept: number;
  close(): Promise<void>;
  remove(): Promise<void>;
}

/** @param path of the journal. @throws Error where it belongs to another model or other options */
export async function openMemory(path: string, identity: Identity): Promise<JournalledMemory> {
  const journal = await openJournal(path, identity, jsonCodec(regionsSchema));
  const inputOf = async (sample: Sample) => ({ name: sample.key, stamp: await stampOf(sample) });
  return {
    kept: journal.kept,
    async find(sample) {
      const found = journal.expect('image', await inputOf(sample));
      return found && journal.valueOf(found);
    },
    keep: async (sample, value) => journal.add('image', [await inputOf(sample)], [{ value }]),
    close: journal.close,
    remove: journal.remove,
  };
}
