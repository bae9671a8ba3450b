import type { Collection, Neighbour } from '../collection/collection.ts';
import type { Picture } from '../collection/picture.ts';
import { type FoundPicture, groupHits, type SearchHit } from './hit.ts';
import type { QueryJudge } from './judge.ts';
import { MOST, type ReadyQuery, ranked } from './ranked.ts';

export interface HitOptions {
  readonly limit: number;
  /** Those too that do not fit. */
  readonly all: boolean;
  readonly grouped: boolean;
  /** Order them by what is shown, not by their scores. */
  readonly byProbability: boolean;
}

/** How many more are fetched than hits are asked for: several may be of one video. */
const SPARE = 4;
/** So many of the nearest are judged at least: one that is near everything may stand before one that fits. */
const JUDGED = 24;

interface Placed extends Neighbour {
  readonly picture: Picture;
}

/** Pictures that another process removed in between are left out. */
async function withPictures(collection: Collection, nearest: readonly Neighbour[]): Promise<Placed[]> {
  const pictures = await collection.pictures(nearest.map(({ id }) => id));
  const byId = new Map(pictures.map((picture) => [picture.id, picture]));
  return nearest.flatMap((one) => {
    const picture = byId.get(one.id);
    return picture ? [{ ...one, picture }] : [];
  });
}

/** What is worth judging: the first ones, and as many files as hits are asked for; in their order. */
function judgeable(placed: readonly Placed[], limit: number): Placed[] {
  const first = new Set(placed.slice(0, Math.max(JUDGED, limit)));
  const hashes = new Set<string>();
  return placed.filter((one) => {
    const isHead = hashes.size < limit && !hashes.has(one.picture.hash);
    hashes.add(one.picture.hash);
    return first.has(one) || isHead;
  });
}

const better = (a: FoundPicture, b: FoundPicture): number =>
  b.probability - a.probability || b.score - a.score || a.picture.id - b.picture.id;

/** Hits until there are as many as were asked for: further pictures are fetched where many are of one file. */
export async function findHits(
  query: ReadyQuery,
  judge: QueryJudge,
  { limit, all, grouped, byProbability }: HitOptions,
): Promise<SearchHit[]> {
  const least = Math.max(JUDGED, limit);
  for (let size = Math.min(MOST, grouped ? SPARE * least : least); ; size = Math.min(MOST, SPARE * size)) {
    const nearest = await ranked(query, size);
    const placed = await withPictures(query.collection, nearest);
    const files = grouped ? new Set(placed.map(({ picture }) => picture.hash)).size : placed.length;
    if (files < limit && nearest.length === size && size < MOST) continue;
    const some = judgeable(placed, limit);
    const verdicts = await judge(some);
    const found = some.flatMap(({ picture, score }) => {
      const verdict = verdicts.get(picture.id);
      return verdict ? [{ picture, score, ...verdict }] : [];
    });
    if (byProbability) found.sort(better);
    const kept = all ? found : found.filter(({ fits }) => fits);
    const hits = grouped ? groupHits(kept) : kept.map((one) => ({ ...one, more: [] }));
    return hits.slice(0, limit);
  }
}
