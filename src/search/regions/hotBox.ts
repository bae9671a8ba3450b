import type { PatchScores } from '../../encoder/patchScores.ts';
import type { Box } from '../../input/image/box.ts';
import { cosinesOf, heatRange } from './heat.ts';
import { type Cells, largestSum } from './largestSum.ts';

/**
 * Where a patch begins to count for the thing and not against it, in shares of the way from the picture's least cosine to
 * its most. Relative, because the cosines of single patches differ from picture to picture and from query to query. Of
 * 0.3 … 0.8 the best on scenes with known boxes (bench/regions.ts).
 */
const LEVEL = 0.6;

/** Cells in pixels of the picture, as far as they lie in it. */
function boxOf({ area, rows, columns, size }: PatchScores, { top, left, bottom, right }: Cells): Box {
  const y = (row: number) => Math.min(Math.max(area.y1 + ((area.y2 - area.y1) * row) / rows, 0), size.height);
  const x = (column: number) =>
    Math.min(Math.max(area.x1 + ((area.x2 - area.x1) * column) / columns, 0), size.width);
  return { y1: y(top), x1: x(left), y2: y(bottom), x2: x(right) };
}

/**
 * The rectangle of patches that stands out most from the rest of the picture, in pixels: that with the largest sum of
 * cosines above a level between the picture's least and most.
 */
export function hotBox(scores: PatchScores, query: number): Box {
  const { least, most } = heatRange(scores, query);
  const limit = least + LEVEL * (most - least);
  const above = cosinesOf(scores, query).map((cosine) => cosine - limit);
  return boxOf(scores, largestSum(above, scores.rows, scores.columns));
}
