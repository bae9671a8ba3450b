import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../../checkpoint/files/json.ts';

const pictureSchema = z.object({
  /** Its caption. */
  title: z.string(),
  /** Its file in the folder of samples. */
  image: z.string().regex(/^\d+\.webp$/),
});

const occasionSchema = z.object({
  stage: z.string(),
  /** Updates of the stage. */
  step: z.int().min(0),
  /** For each picture the texts that fit best. */
  texts: z.array(z.array(z.object({ text: z.string(), probability: z.number() }))),
});

/** A picture of which a run's models are asked again and again. */
export type SampledPicture = z.output<typeof pictureSchema>;

/** What a model said of the pictures after a step. */
export type Sampled = z.output<typeof occasionSchema>;

/** The samples of a run: their pictures, and what was said last. */
export interface Samples {
  readonly pictures: readonly SampledPicture[];
  /** One for each stage that took some, its last. */
  readonly last: readonly Sampled[];
}

export const samplesFolder = (runDir: string): string => join(runDir, 'samples');

export const picturesPath = (runDir: string): string => join(samplesFolder(runDir), 'pictures.json');

export const occasionPath = (runDir: string, { stage, step }: Pick<Sampled, 'stage' | 'step'>): string =>
  join(samplesFolder(runDir), `${encodeURIComponent(stage)}-${String(step).padStart(8, '0')}.json`);

const OCCASION = /^(.+)-\d{8,}\.json$/;

async function parsed<T>(schema: z.ZodType<T>, path: string): Promise<T | undefined> {
  return schema.safeParse(await readJson(path).catch(() => undefined)).data;
}

/** The samples of a run; none of one that took none, or of which a file is damaged. */
export async function readSamples(runDir: string): Promise<Samples> {
  const names = (await readdir(samplesFolder(runDir)).catch(() => [])).sort();
  const pictures = names.length > 0 ? await parsed(z.array(pictureSchema), picturesPath(runDir)) : [];
  const lastOf = new Map(
    names.flatMap((name) => (OCCASION.test(name) ? [[OCCASION.exec(name)![1], name]] : [])),
  );
  const last = await Promise.all(
    [...lastOf.values()].map((name) => parsed(occasionSchema, join(samplesFolder(runDir), name!))),
  );
  return { pictures: pictures ?? [], last: last.filter((one) => one !== undefined) };
}
