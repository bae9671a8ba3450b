import type { Collection } from '../../../search/collection/collection.ts';
import type { PictureFilter } from '../../../search/collection/filter.ts';
import type { SearchHit, SearchResult } from '../../../search/query/hit.ts';
import type { Query } from '../../../search/query/query.ts';
import { type CliIo, note, print, printJson } from '../../support/io.ts';
import { hitLines } from './hitLines.ts';
import { pathLines, pictureJson } from './shownPictures.ts';

/** What was looked for, and where. */
export interface Asked {
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
async function nothingText(
  { collection, query, filter }: Asked,
  { fits, hits }: SearchResult,
): Promise<string> {
  const count = await collection.count(filter);
  if (count === 0)
    return filter ? 'no picture passes the filters' : `the collection ${collection.name} has no pictures yet`;
  const among = `${count} picture${count === 1 ? '' : 's'}`;
  if (hits.length === 0 && !fits) return `nothing fits ${shownQuery(query)} among ${among}`;
  return `nothing fits ${shownQuery(query)} among ${among}; the nearest are:`;
}

const hitJson = ({ picture, score, probability, fits, more }: SearchHit, i: number) => ({
  rank: i + 1,
  ...pictureJson(picture),
  score,
  probability,
  fits,
  more: more.map(({ picture: { id, path, kind, at } }) => ({ id, path, kind, at })),
});

/** One object, whatever was found. */
export const printSearchJson = (io: CliIo, { query }: Asked, { hits, fits, cutTexts }: SearchResult): void =>
  printJson(io, { query, fits, hits: hits.map(hitJson), ...(cutTexts.length > 0 && { cutTexts }) });

/** Paths alone, for other programs; where there is none, a word on standard error. */
export async function printPaths(
  io: CliIo,
  asked: Asked,
  result: SearchResult,
  zero: boolean,
): Promise<void> {
  const paths = result.hits.map(({ picture }) => picture.path);
  if (paths.length === 0) note(io, await nothingText(asked, result));
  io.stdout.write(pathLines(paths, zero));
}

/** Below this line stands what does not fit. */
const CUT = '— nothing below fits —';
/** So many are shown where nothing fits: a cut-off can be wrong. */
const NEAREST = 5;

/**
 * Hits for people: those that fit, or a few of the nearest where none does.
 * @param result of a search for all
 * @param all show all
 */
export async function printHits(io: CliIo, asked: Asked, result: SearchResult, all: boolean): Promise<void> {
  const { hits, fits } = result;
  if (!fits) note(io, await nothingText(asked, result));
  if (hits.length === 0) return;
  const shown = all ? hits : fits ? hits.filter((hit) => hit.fits) : hits.slice(0, NEAREST);
  const cut = fits ? shown.findLastIndex((hit) => hit.fits) + 1 : -1;
  for (const [i, line] of hitLines(shown).entries()) {
    if (i === cut) print(io, CUT);
    print(io, line);
  }
}
