/** ln p of every token of the vocabulary, for one text. */
export type LogProbabilities = Float32Array;

/** A language model about one image, as far as a search needs it. */
export interface Continuation {
  /** Of the first token. */
  readonly first: LogProbabilities;
  /**
   * Appends a token to texts of the call before (at first: to the one empty text) and gives what follows each.
   * @param parents index of each new text's beginning among the texts of the call before
   * @param tokens the token that each appends
   */
  next(parents: readonly number[], tokens: readonly number[]): Promise<readonly LogProbabilities[]>;
}

/** A text that a search has found. */
export interface Hypothesis {
  /** Without the end token. */
  readonly tokens: readonly number[];
  /** Σ ln p of its tokens and, where it has one, its end. */
  readonly logProbability: number;
  /** Whether it ended by itself and not at the limit. */
  readonly ended: boolean;
}

export interface SearchLimits {
  /** The token that ends a text. */
  readonly end: number;
  /** Most tokens of a text, its end included. */
  readonly maxTokens: number;
}

export interface BeamOptions extends SearchLimits {
  /** Texts that are followed at once. */
  readonly width: number;
  /**
   * Texts are compared by Σ ln p / n^penalty, with n tokens, the end included: 0 is plain probability, which prefers
   * short texts, and 1 the mean per token.
   */
  readonly lengthPenalty: number;
}

/** The `count` tokens of highest probability, best first; the lower id first where they are equal. */
export function bestTokens(logProbabilities: LogProbabilities, count: number): number[] {
  const best: number[] = [];
  for (let token = 0; token < logProbabilities.length; token++) {
    const value = logProbabilities[token]!;
    if (best.length === count && !(value > logProbabilities[best[count - 1]!]!)) continue;
    let place = best.length;
    while (place > 0 && value > logProbabilities[best[place - 1]!]!) place--;
    best.splice(place, 0, token);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Takes the most probable token each time. */
export async function greedySearch(
  model: Continuation,
  { end, maxTokens }: SearchLimits,
): Promise<Hypothesis> {
  const tokens: number[] = [];
  let logProbability = 0;
  let following = model.first;
  for (;;) {
    const [token] = bestTokens(following, 1) as [number];
    logProbability += following[token]!;
    if (token === end) return { tokens, logProbability, ended: true };
    tokens.push(token);
    if (tokens.length >= maxTokens) return { tokens, logProbability, ended: false };
    following = (await model.next([0], [token]))[0]!;
  }
}

interface Candidate {
  readonly parent: number;
  readonly token: number;
  readonly logProbability: number;
}

const countOf = ({ tokens, ended }: Hypothesis): number => tokens.length + (ended ? 1 : 0);

/** What texts are compared by. */
const scoreOf = (hypothesis: Hypothesis, penalty: number): number =>
  hypothesis.logProbability / countOf(hypothesis) ** penalty;

/** The best ways to append one token to any of the live texts. */
function expand(
  live: readonly Hypothesis[],
  following: readonly LogProbabilities[],
  count: number,
): Candidate[] {
  const candidates = live.flatMap(({ logProbability }, parent) =>
    bestTokens(following[parent]!, count).map((token) => ({
      parent,
      token,
      logProbability: logProbability + following[parent]![token]!,
    })),
  );
  return candidates
    .filter((candidate) => candidate.logProbability > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.logProbability - a.logProbability)
    .slice(0, count);
}

/**
 * Beam search: follows the `width` most probable beginnings, and returns the texts that it found, best first, at most
 * `width`. It stops when no live text can become better than those found, so that with a width that holds every
 * beginning the result is the best text of all.
 * @throws RangeError when the width or the limit is no positive integer, or the penalty is negative
 */
export async function beamSearch(model: Continuation, options: BeamOptions): Promise<Hypothesis[]> {
  const { end, maxTokens, width, lengthPenalty } = options;
  for (const [name, value] of Object.entries({ width, maxTokens })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`${name} is ${value}; it must be an integer of at least 1`);
    }
  }
  if (!(lengthPenalty >= 0))
    throw new RangeError(`lengthPenalty is ${lengthPenalty}; it must not be negative`);
  let found: Hypothesis[] = [];
  const keep = (hypothesis: Hypothesis) => {
    found = [...found, hypothesis]
      .sort((a, b) => scoreOf(b, lengthPenalty) - scoreOf(a, lengthPenalty))
      .slice(0, width);
  };
  /** ln p only falls, and a longer text divides it by more: no continuation scores higher than this. */
  const bound = ({ logProbability }: Hypothesis) => logProbability / maxTokens ** lengthPenalty;

  let live: Hypothesis[] = [{ tokens: [], logProbability: 0, ended: false }];
  let following: readonly LogProbabilities[] = [model.first];
  for (let written = 1; live.length > 0; written++) {
    // Twice the width: as many live texts remain even where half of the candidates end.
    const candidates = expand(live, following, 2 * width);
    const survivors: Candidate[] = [];
    candidates.forEach((candidate, rank) => {
      const { tokens } = live[candidate.parent]!;
      const { token, logProbability } = candidate;
      if (token === end) {
        // An end that is not among the best would let a poor short text through.
        if (rank < width) keep({ tokens, logProbability, ended: true });
      } else if (survivors.length < width) survivors.push(candidate);
    });
    live = survivors.map(({ parent, token, logProbability }) => ({
      tokens: [...live[parent]!.tokens, token],
      logProbability,
      ended: false,
    }));
    if (written >= maxTokens) {
      for (const hypothesis of live) keep(hypothesis);
      break;
    }
    const worst =
      found.length === width ? scoreOf(found[width - 1]!, lengthPenalty) : Number.NEGATIVE_INFINITY;
    if (live.every((hypothesis) => bound(hypothesis) <= worst)) break;
    following = await model.next(
      survivors.map(({ parent }) => parent),
      survivors.map(({ token }) => token),
    );
  }
  return found;
}
