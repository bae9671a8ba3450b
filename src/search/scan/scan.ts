import type { Neighbour } from '../collection/collection.ts';
import { findCandidates } from './findCandidates.ts';
import { type Fetch, rescore } from './rescore.ts';
import { createRows, type Rows, type RowsOptions } from './rows/rows.ts';
import { createSelection, type Selection } from './selection.ts';

export interface ScanOptions {
  /** Most rows to give, from 1. */
  readonly limit: number;
  /**
   * Ids that count; default all. Others than those of rows are left out. Who asks for the same ids again keeps their
   * `createSelection`: it remembers where their rows are.
   */
  readonly allowed?: Iterable<number> | Selection | undefined;
  /** Gives the float16 vectors of some rows. It is asked for about a hundred, and for more where scores are close. */
  readonly fetch: Fetch;
}

/**
 * Exact search for the nearest of many vectors: reads a copy of all of them as 8-bit integers, and then the float16
 * vectors of the few that can be among the best.
 *
 * Exact: each row knows how far its integers are from its vector, so that its score lies between two strict bounds. Every
 * row whose upper bound reaches the score that was found for the last of the best is scored by its float16 vector.
 */
export interface Scan {
  readonly rows: Rows;
  readonly width: number;
  readonly count: number;
  /** Of what these are the rows, for whoever keeps them; not used here. */
  version: number;
  has(id: number): boolean;
  /**
   * Adds rows, or replaces those of known ids; all or, where it throws, none.
   * @param ids whole numbers from 1
   * @param vectors [ids.length, width], float16 as bits
   * @throws RangeError for a value that is not finite, another width, or where memory is full
   */
  set(ids: readonly number[], vectors: Uint16Array): void;
  /** Unknown ids are nothing to do. */
  remove(ids: Iterable<number>): void;
  /**
   * The rows with the largest inner products: best first, equal ones by id.
   * @throws RangeError for a query of another width or with a value that is not finite
   */
  nearest(query: Float32Array, options: ScanOptions): Promise<Neighbour[]>;
}

/** An empty scan for vectors of a width. */
export const createScan = (width: number, options?: RowsOptions): Scan =>
  scanOf(createRows(width, options), 0);

/** A scan of rows that are there. */
export function scanOf(rows: Rows, version: number): Scan {
  return {
    rows,
    version,
    width: rows.layout.width,
    get count() {
      return rows.count;
    },
    has: (id) => rows.slotOf(id) !== undefined,
    set: rows.set,
    remove: rows.remove,
    nearest: (query, options) => nearest(rows, query, options),
  };
}

async function nearest(
  rows: Rows,
  query: Float32Array,
  { limit, allowed, fetch }: ScanOptions,
): Promise<Neighbour[]> {
  if (query.length !== rows.layout.width)
    throw new RangeError(`the query has ${query.length} values; vectors have ${rows.layout.width}`);
  if (!query.every(Number.isFinite)) throw new RangeError('the query has a value that is not finite');
  if (!Number.isSafeInteger(limit) || limit < 1)
    throw new RangeError(`limit is ${limit}; it must be a whole number of at least 1`);
  const selection = allowed && ('slots' in allowed ? allowed : createSelection(allowed));
  const gone = new Set<number>();
  for (;;) {
    const candidates = findCandidates(rows, query, limit, selection?.slots(rows), gone);
    const { best, lost } = await rescore(candidates, query, limit, fetch);
    if (lost.length === 0) return best;
    // Rows whose vectors are gone took part in the bounds: once more without them.
    for (const id of lost) gone.add(id);
  }
}
