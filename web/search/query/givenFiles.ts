import { dataUri } from '../../shared/dataUri.ts';
import { uploadable } from '../../shared/uploadable.ts';

/** A picture that somebody gave as a part of a query. */
export interface GivenFile {
  readonly name: string;
  /** For an image element. */
  readonly address: string;
  /** As requests carry it. */
  readonly dataUri: Promise<string>;
}

const files = new Map<string, GivenFile>();

/**
 * Keeps a picture for as long as the page is open, so that Back can return to queries with it.
 * @returns its key
 */
export function keepFile(file: File): string {
  const key = String(files.size + 1);
  const given = {
    name: file.name,
    address: URL.createObjectURL(file),
    dataUri: uploadable(file).then(dataUri),
  };
  // Who searches with it hears of it.
  given.dataUri.catch(() => {});
  files.set(key, given);
  return key;
}

/** Undefined where the page has been loaded again since. */
export const givenFile = (key: string): GivenFile | undefined => files.get(key);
