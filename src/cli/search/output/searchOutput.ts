import type { Box } from '../../../input/image/box.ts';
import type { Collection } from '../../../search/collection/collection.ts';
import type { PictureFilter } from '../../../search/collection/filter.ts';
import type { SearchHit, SearchResult } from '../../../search/query/hit.ts';
import type { Query } from '../../../search/query/query.ts';
import { type CliIo, note, print, printJson } from '../../support/io.ts';
import { hitLines } from './hitLines.ts';
import { pictureJson, printPathsOf } from './shownPictures.ts';

/** What was looked for, and where. */
interface Asked {
  readonly collection: Collection;
  readonly query: Query;
  readonly filter: PictureFilter | undefined;
}

/** What was looked for, as a message says it. */
function shownQuery({ texts = [], images = [], like = [], not }: Query): string {
  const parts = [
    ...texts.map((text) => `“${text}”`),
    ...images.map(String),
    ...like.map((id) => `picture ${id}`),
  ];
  return `${parts.join(' and ')}${not === undefined ? '' : `, not ${shownQuery(not)}`}`;
}

/** Why there is nothing to show, or nothing that fits. */
async function nothingText({ collection, query, filter, hits }: Shown): Promise<string> {
  const count = await collection.count(filter);
  if (count === 0)
    return filter ? 'no picture passes the filters' : `the collection ${collection.name} has no pictures yet`;
  const among = `${count} picture${count === 1 ? '' : 's'}`;
  return `nothing fits ${shownQuery(query)} among ${among}${hits.length === 0 ? '' : '; the nearest are:'}`;
}

/** What is written of a search. */
export interface Shown extends Asked {
  readonly result: SearchResult;
  /** The hits that are shown. */
  readonly hits: readonly SearchHit[];
  readonly regions: ReadonlyMap<SearchHit, Box>;
}

/** So many are shown where nothing fits: a cut-off can be wrong. */
const NEAREST = 5;

/** Of a search for all, what people see: what fits, or a few of the nearest where nothing does. */
export function hitsForPeople({ hits, fits }: SearchResult): SearchHit[] {
  return fits ? hits.filter((hit) => hit.fits) : hits.slice(0, NEAREST);
}

const hitJson = (hit: SearchHit, i: number, box: Box | undefined) => ({
  rank: i + 1,
  ...pictureJson(hit.picture),
  score: hit.score,
  probability: hit.probability,
  fits: hit.fits,
  ...(box && { box }),
  more: hit.more.map(({ picture: { id, path, kind, at } }) => ({ id, path, kind, at })),
});

/** One object, whatever was found. */
export const printSearchJson = (io: CliIo, { query, hits, regions, result }: Shown): void =>
  printJson(io, {
    query,
    fits: result.fits,
    hits: hits.map((hit, i) => hitJson(hit, i, regions.get(hit))),
    ...(result.cutTexts.length > 0 && { cutTexts: result.cutTexts }),
  });

/** Paths alone, for other programs; where there is none, a word on standard error. */
export async function printPaths(io: CliIo, shown: Shown, zero: boolean): Promise<void> {
  if (shown.hits.length === 0) note(io, await nothingText(shown));
  const paths = shown.hits.map(({ picture }) => picture.path);
  printPathsOf(io, paths, zero);
}

/** Below this line stands what does not fit. */
const CUT = '— nothing below fits —';

/** A line for each hit, for people. */
export async function printHits(io: CliIo, shown: Shown): Promise<void> {
  const { hits, regions, result } = shown;
  if (!result.fits) note(io, await nothingText(shown));
  if (hits.length === 0) return;
  const cut = result.fits ? hits.findLastIndex(({ fits }) => fits) + 1 : -1;
  for (const [i, line] of hitLines(hits, regions).entries()) {
    if (i === cut) print(io, CUT);
    print(io, line);
  }
}
