import type { Collection, Neighbour } from '../collection/collection.ts';
import type { PictureFilter } from '../collection/filter.ts';
import { storedEmbeddings } from '../collection/vectors/storedEmbeddings.ts';
import { scoresOf } from '../cutoff/scores.ts';
import { type Background, spreadOf } from './vectors/background.ts';
import { rankValue } from './vectors/penalty.ts';

/** Among how many of the nearest those are looked for that show nothing unwanted. */
const CANDIDATES = 1000;
/** As many as a collection gives. */
export const MOST = 10_000;

/** A query that is ready to be searched by. */
export interface ReadyQuery {
  readonly collection: Collection;
  readonly model: number;
  readonly filter: PictureFilter | undefined;
  /** [width of the model] of unit length */
  readonly vector: Float32Array;
  readonly unwanted: readonly Float32Array[];
  /** Read only where something is unwanted. */
  readonly background: () => Promise<Background>;
}

async function withoutUnwanted(query: ReadyQuery, nearest: readonly Neighbour[]): Promise<Neighbour[]> {
  const { collection, model, vector, unwanted } = query;
  const background = await query.background();
  const wantedSpread = spreadOf(background, vector);
  const stored = await collection.vectors(
    model,
    nearest.map(({ id }) => id),
  );
  const rows = storedEmbeddings(stored, vector.length);
  const parts = unwanted.map((one) => ({ scores: scoresOf(one, rows), spread: spreadOf(background, one) }));
  const scores = new Map(nearest.map(({ id, score }) => [id, score]));
  const ranked = stored.ids.map((id, row) => {
    const score = scores.get(id)!;
    const others = parts.map((part) => ({ score: part.scores[row]!, spread: part.spread }));
    return { id, score, value: rankValue(score, wantedSpread, others) };
  });
  return ranked.sort((a, b) => b.value - a.value || a.id - b.id);
}

/** The pictures that are best for a query, best first; at most {@link MOST}. */
export async function ranked(query: ReadyQuery, limit: number): Promise<Neighbour[]> {
  const { collection, model, vector, filter, unwanted } = query;
  if (unwanted.length === 0) return collection.nearest(model, vector, { limit, filter });
  const wide = Math.min(MOST, Math.max(CANDIDATES, 2 * limit));
  const nearest = await collection.nearest(model, vector, { limit: wide, filter });
  return (await withoutUnwanted(query, nearest)).slice(0, limit);
}
