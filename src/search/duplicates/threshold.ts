import { type Background, FEWEST } from '../query/vectors/background.ts';

/** How far a near copy is on the way from two pictures at random to one picture twice. */
const SHARE = 0.95;

/** Mean cosine of two different pictures. @param rows [n, width] of unit length */
function meanCosine({ width, rows }: Background): number {
  const count = rows.length / width;
  const sum = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) sum[i % width]! += rows[i]!;
  const squared = sum.reduce((total, value) => total + value * value, 0);
  return (squared - count) / (count * (count - 1));
}

/**
 * The cosine from which two pictures count as copies of one: {@link SHARE} of the way from the mean cosine of two pictures
 * of the collection to 1. Models differ in that mean, from about 0 to 0.6, and so do collections; copies in it, even many,
 * hardly move it.
 *
 * Measured with the embedded model (`npx tsx bench/nearCopies.ts`): 95 % of JPEG files of quality 50 have a cosine of at
 * least .985 with their original, of halves of its size .985, cut by 5 % .905 … .963, turned by 3° .385 (photographs) and
 * .96 (drawings); greys are other pictures to it (median .4 … .67). Different pictures that reach the default threshold:
 * none of 120 parts of photographs, 3.8 % of 1,852 emoji, most of which are told apart by a few pixels (clocks, people).
 */
export function copyThreshold(background: Background): number {
  if (background.rows.length / background.width < FEWEST) return SHARE;
  const mean = Math.max(0, meanCosine(background));
  return mean + SHARE * (1 - mean);
}
