import { z } from 'zod';

/** What a child is to do. */
export const jobSchema = z.object({
  target: z.string(),
  seed: z.number(),
  /** Number of the first input. */
  from: z.number(),
  /** Inputs after which the process is replaced, so that what it leaks does not add up. */
  count: z.number(),
  /** Milliseconds since 1970 at which to stop. */
  until: z.number(),
  /** An empty folder. */
  folder: z.string(),
  /** A file that takes the number of the input that is being read. */
  progress: z.string(),
  /** These files are the only inputs. */
  inputs: z.array(z.string()).optional(),
});
export type Job = z.infer<typeof jobSchema>;

/** What a child tells. */
export const newsSchema = z.union([
  z.object({ fault: z.string(), index: z.number(), stack: z.string() }).strict(),
  z.object({ outcome: z.string(), index: z.number() }).strict(),
  z.object({ next: z.number() }).strict(),
]);
export type News = z.infer<typeof newsSchema>;
