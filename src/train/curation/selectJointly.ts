import type { Random } from '../../tensor/random.ts';
import { gumbelTopK } from './gumbelTopK.ts';
import type { PairScores } from './pairScores.ts';

export interface JointSelection {
  /** Pairs to choose, b. */
  readonly select: number;
  /** Rounds, n: about b/n pairs each. One round is independent sampling by the matching score. */
  readonly chunks: number;
}

/**
 * Joint example selection (JEST, arXiv 2406.17711). The first chunk is drawn with p ∝ exp(S[i, i]), each later one with
 * p ∝ exp(S[i, i] + Σ S[k, i] + Σ S[i, k]) over the pairs k chosen so far; always without replacement.
 *
 * Sums against earlier chunks are kept, so each round reads only the columns and rows of the newest: B·b/n pairs.
 * @returns indices of the chosen pairs, in the order of drawing
 * @throws RangeError when `select` or `chunks` does not fit the number of pairs.
 */
export async function selectJointly(
  scores: PairScores,
  { select, chunks }: JointSelection,
  random: Random,
): Promise<Int32Array> {
  checkCounts(scores.size, select, chunks);
  const logits = (await scores.matching()).slice();
  const taken = new Uint8Array(scores.size);
  const chosen = new Int32Array(select);
  for (let chunk = 0; chunk < chunks; chunk++) {
    const start = Math.floor((chunk * select) / chunks);
    const end = Math.floor(((chunk + 1) * select) / chunks);
    const drawn = gumbelTopK(logits, taken, end - start, random);
    chosen.set(drawn, start);
    for (const index of drawn) taken[index] = 1;
    if (end === select) break;
    const sums = await scores.against(drawn);
    for (let i = 0; i < logits.length; i++) logits[i]! += sums[i]!;
  }
  return chosen;
}

function checkCounts(size: number, select: number, chunks: number): void {
  if (!Number.isInteger(select) || select < 1 || select > size)
    throw new RangeError(`cannot choose ${select} of ${size} pairs`);
  if (!Number.isInteger(chunks) || chunks < 1 || chunks > select)
    throw new RangeError(`chunks is ${chunks}; it must be an integer from 1 to the batch of ${select}`);
}
