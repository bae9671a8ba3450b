import { type GivenPicture, givenPicture } from '../../shared/subject.ts';

const files = new Map<string, GivenPicture>();

/**
 * Keeps a picture that somebody gave as a part of a query for as long as the page is open, so that Back can return to queries
 * with it.
 * @returns its key
 */
export function keepFile(file: File): string {
  const key = String(files.size + 1);
  const given = givenPicture(file);
  // Begins now; who searches with it hears of what goes wrong.
  given.dataUri().catch(() => {});
  files.set(key, given);
  return key;
}

/** Undefined where the page has been loaded again since. */
export const givenFile = (key: string): GivenPicture | undefined => files.get(key);
