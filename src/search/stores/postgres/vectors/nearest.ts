import { z } from 'zod';
import type { NearestOptions, Neighbour } from '../../../collection/collection.ts';
import type { PictureFilter } from '../../../collection/filter.ts';
import { innerProduct } from '../../../collection/vectors/innerProduct.ts';
import { vectorTable } from '../../sql/schema.ts';
import type { Query } from '../connection/connection.ts';
import { countSchema, toVectors, where } from '../reads.ts';
import type { VectorModel } from './halfvec.ts';
import { type HalfQuery, toHalfQuery } from './halfvec.ts';

/** What a search has to know of the index. */
export interface IndexUse {
  /** Whether there are more vectors than the limit, and an index on them. */
  readonly isUsable: boolean;
  /** Up to so many pictures are compared one by one. */
  readonly exactLimit: number;
}

/** More neighbours than these are more work by the index than without it. */
const MOST_BY_INDEX = 1000;

/** Candidates that are scored again, for so many neighbours. */
const candidates = (limit: number): number => Math.ceil(1.25 * limit) + 32;

interface Search {
  readonly model: VectorModel;
  readonly query: Float32Array;
  readonly half: HalfQuery;
  readonly options: NearestOptions;
}

const distanceSchema = z.object({ distance: z.number() });

/** Rows that are near by the server's sums, scored by `innerProduct`: best first, equal ones by id. */
interface Scored {
  readonly neighbours: readonly Neighbour[];
  readonly count: number;
  /** The server's inner product of the last row. */
  readonly last: number;
}

/** The tables of a search, and its condition. Values 1 and 2 are the query and how many. */
function source({ model, options: { filter } }: Search): { from: string; values: readonly unknown[] } {
  const { sql, values } = where(filter, 3);
  const table = `${vectorTable(model.id)} AS v`;
  if (sql === 'TRUE') return { from: table, values: [] };
  return { from: `${table} JOIN pictures AS p ON p.id = v.picture WHERE ${sql}`, values };
}

/** The order of the index. */
const BY_INDEX = 'v.vector <#> $1::halfvec';
/** The sum is no expression of the index, so that the order is made of all rows. */
const EXACTLY = '(v.vector <#> $1::halfvec) + 0';

/** Only of those that are chosen are the vectors read: what is selected is worked out of every row before it is sorted. */
async function score(query: Query, search: Search, distance: string, limit: number): Promise<Scored> {
  const { from, values } = source(search);
  const order = distance === EXACTLY ? 'distance, id' : distance;
  const rows = await query(
    `SELECT near.id, near.distance, halfvec_send(v.vector) AS vector
     FROM (SELECT v.picture AS id, ${distance} AS distance FROM ${from} ORDER BY ${order} LIMIT $2) AS near
     JOIN ${vectorTable(search.model.id)} AS v ON v.picture = near.id ORDER BY near.distance, near.id`,
    [search.half.bytes, limit, ...values],
  );
  const { ids, vectors } = toVectors(rows, search.model.width);
  const neighbours = ids.map((id, row) => ({ id, score: innerProduct(search.query, vectors, row) }));
  neighbours.sort((a, b) => b.score - a.score || a.id - b.id);
  return {
    neighbours,
    count: rows.length,
    last: rows.length === 0 ? 0 : -distanceSchema.parse(rows.at(-1)).distance,
  };
}

/**
 * Exact: looks at the candidates that are best by the server's sums, and at more of them until those that are left cannot be
 * better, whatever the server's rounding.
 */
async function exactly(query: Query, search: Search): Promise<Neighbour[]> {
  const { options, half } = search;
  for (let limit = candidates(options.limit); ; limit *= 4) {
    const { neighbours, count, last } = await score(query, search, EXACTLY, limit);
    const worst = neighbours[options.limit - 1]?.score;
    const isProven = worst !== undefined && worst > (last + half.error) * half.norm;
    if (count < limit || isProven || half.norm === 0) return neighbours.slice(0, options.limit);
  }
}

/** Whether a filter leaves so few pictures that all can be compared. Stops counting where it does not. */
async function areFew(query: Query, filter: PictureFilter | undefined, most: number): Promise<boolean> {
  const { sql, values } = where(filter, 2);
  if (sql === 'TRUE') return false;
  const [row] = await query(
    `SELECT count(*) FROM (SELECT 1 FROM pictures AS p WHERE ${sql} LIMIT $1 + 1) AS few`,
    [most, ...values],
  );
  return countSchema.parse(row).count <= most;
}

/**
 * The nearest pictures. Exact, to the bit, where at most `exactLimit` pictures are looked at, where more than 1,000
 * neighbours are asked for, and where there is no index (yet). Else by the index, which may miss some: the scores of those
 * that it finds are exact.
 */
export async function nearest(
  query: Query,
  model: VectorModel,
  vector: Float32Array,
  options: NearestOptions,
  { isUsable, exactLimit }: IndexUse,
): Promise<Neighbour[]> {
  const search = { model, query: vector, half: toHalfQuery(vector), options };
  const { limit, filter } = options;
  if (
    !isUsable ||
    limit > MOST_BY_INDEX ||
    search.half.norm === 0 ||
    (await areFew(query, filter, exactLimit))
  )
    return exactly(query, search);
  const { neighbours } = await score(query, search, BY_INDEX, candidates(limit));
  // There are enough; the index may end early where what it finds is far from what the filter leaves.
  return neighbours.length < limit ? exactly(query, search) : neighbours.slice(0, limit);
}
