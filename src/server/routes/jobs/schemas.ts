import { z } from '@hono/zod-openapi';
import { COLLECTION_NAME } from '../../../search/stores/collectionName.ts';
import type { Job } from '../../jobs/job.ts';
import { shownJob } from '../../jobs/shownJob.ts';

const problem = z.object({
  reason: z.string(),
  count: z.int(),
  examples: z.array(z.string()).openapi({ description: 'Files, at most ten.' }),
});

export const jobResponse = z
  .object({
    id: z.string(),
    kind: z.enum(['index', 'model']),
    title: z.string().openapi({ description: 'For people: the collection and the folder, or the model.' }),
    collection: z.string().optional().openapi({ description: 'The collection that is indexed.' }),
    state: z.enum(['waiting', 'running', 'done', 'stopped', 'failed']),
    stage: z.string().openapi({ description: 'What is being done.', example: 'embedding' }),
    done: z.number(),
    total: z.number().optional(),
    unit: z.enum(['files', 'bytes']),
    rate: z.number().optional().openapi({ description: 'Units a second, of late.' }),
    remaining: z.number().optional().openapi({ description: 'Seconds that are left.' }),
    summary: z.string().optional(),
    problems: z.array(problem).optional().openapi({ description: 'What went wrong in part, by reason.' }),
    error: z.string().optional().openapi({ description: 'Why it failed, and what to do.' }),
    started: z.number().openapi({ description: 'Milliseconds since 1970.' }),
    ended: z.number().optional(),
  })
  .openapi('Job') satisfies z.ZodType<Omit<Job, 'folder'>>;

/** A job as JSON. @param isWhole whether the one who asks may know where folders lie */
export function jobJson(job: Job, isWhole: boolean): z.output<typeof jobResponse> {
  const { problems, ...rest } = shownJob(job, isWhole);
  return {
    ...rest,
    ...(problems && { problems: problems.map((one) => ({ ...one, examples: [...one.examples] })) }),
  };
}

export const jobsResponse = z.object({ jobs: z.array(jobResponse) }).openapi('Jobs');

/** The longest path of any system, and then some. */
const MOST_CHARACTERS = 8192;

const path = z
  .string()
  .min(1, 'is empty')
  .max(MOST_CHARACTERS, `has more than ${MOST_CHARACTERS} characters`)
  .refine((value) => !value.includes('\0'), 'has a NUL character');

export const indexRequest = z
  .strictObject({
    collection: z
      .string()
      .regex(
        COLLECTION_NAME,
        "may have letters, digits, '-', '_' and '.', at most 64, of which the first is not '.'",
      )
      .openapi({ description: 'It is made where there is none.', example: 'photos' }),
    folder: path.openapi({ description: 'Absolute, or from ~ on.', example: '~/Pictures' }),
    frames_every: z
      .number()
      .positive('is not above 0')
      .max(86_400, 'is more than a day')
      .nullish()
      .openapi({ description: 'Seconds between two frames of a video; without it videos are left out.' }),
    pages: z.boolean().optional().openapi({ description: 'Whether pages of PDF documents are read: yes.' }),
    exclude: z
      .array(z.string().min(1, 'is empty').max(1000, 'has more than 1000 characters'))
      .max(100, 'has more than 100 patterns')
      .optional()
      .openapi({
        description:
          'Patterns of what is left out: with a slash they name paths from the folder on, without one files and folders anywhere.',
      }),
  })
  .openapi('IndexRequest');

export const jobParams = z.object({ id: z.string().max(64).openapi({ example: '1' }) });

export const foldersQuery = z.object({
  path: path.optional().openapi({
    description: 'A folder, or the beginning of one’s name. Default: the home folder.',
    example: '~/Pic',
  }),
});

export const foldersResponse = z
  .object({
    folders: z
      .array(z.string())
      .openapi({ description: 'Whole paths of folders that begin so, at most 100, by name.' }),
    more: z.boolean().openapi({ description: 'Whether there are more.' }),
  })
  .openapi('Folders');

export const collectionParams = z.object({ name: z.string().max(64).openapi({ example: 'photos' }) });

export const removedResponse = z.object({ removed: z.string() }).openapi('RemovedCollection');
