import type { IndexRequest } from '../jobs/jobsApi.ts';

type Options = Pick<IndexRequest, 'frames_every' | 'pages' | 'exclude'>;

const keyOf = (collection: string, folder: string): string =>
  `siglip2-index ${collection} ${folder.replace(/(?<=.)[\\/]+$/, '')}`;

/** Keeps in this browser how a folder was indexed: the next time is to be the same. */
export const remember = ({ collection, folder, ...options }: IndexRequest): void =>
  localStorage.setItem(keyOf(collection, folder), JSON.stringify(options));

/** How a folder was indexed from this browser; as is usual where that is not known. */
export function remembered(collection: string, folder: string): Options {
  const usual: Options = { frames_every: null, pages: true, exclude: [] };
  try {
    return { ...usual, ...JSON.parse(localStorage.getItem(keyOf(collection, folder)) ?? '{}') };
  } catch {
    return usual;
  }
}
