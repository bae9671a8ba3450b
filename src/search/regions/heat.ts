import type { PatchScores } from '../../encoder/patchScores.ts';

/** The cosines of one query, [rows·columns]. @throws RangeError when there is no such query */
export function cosinesOf({ cosines: { shape, data } }: PatchScores, query: number): Float32Array {
  const [queries, patches] = shape as [number, number];
  if (query < queries) return data.subarray(query * patches, (query + 1) * patches);
  throw new RangeError(`query is ${query}; the scores are of ${queries}, numbered from 0`);
}

export interface HeatRange {
  readonly least: number;
  readonly most: number;
}

/** The least and the most of one query's cosines. */
export function heatRange(scores: PatchScores, query: number): HeatRange {
  const values = cosinesOf(scores, query);
  return {
    least: values.reduce((a, b) => Math.min(a, b)),
    most: values.reduce((a, b) => Math.max(a, b)),
  };
}
