import { basename } from 'node:path';
import type { Job } from './job.ts';

/** An absolute path that stands alone, in quotes or in brackets; an address (`https://…`) is none. */
const ABSOLUTE = /(?<=^|[\s"'(])(?:[A-Za-z]:)?(?:[\\/][^\\/\s"'(),;]+)*[\\/]([^\\/\s"'(),;:]+)/g;

/** A text with the folder of the job, and all other folders, by their names alone. */
function withoutFolders(text: string, folder: string | undefined): string {
  const short = folder === undefined ? text : text.replaceAll(folder, basename(folder));
  return short.replace(ABSOLUTE, '$1');
}

/**
 * A job as it is told: where folders lie is for who may know that (see `seesWholePaths`); others see paths from the
 * name of the job's folder on.
 */
export function shownJob({ folder, ...job }: Job, isWhole: boolean): Omit<Job, 'folder'> {
  if (isWhole) return job;
  const { title, summary, error, problems } = job;
  const shown = (text: string) => withoutFolders(text, folder);
  return {
    ...job,
    title: shown(title),
    ...(summary !== undefined && { summary: shown(summary) }),
    ...(error !== undefined && { error: shown(error) }),
    ...(problems && {
      problems: problems.map((one) => ({
        ...one,
        reason: shown(one.reason),
        examples: one.examples.map(shown),
      })),
    }),
  };
}
