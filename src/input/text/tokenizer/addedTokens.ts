/** A token that is cut out of a text whole, before byte-pair encoding sees it. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Whether decoding leaves it out. */
  readonly special: boolean;
  /** Whether it is looked for after normalisation (lower-casing, "▁" for spaces) instead of before. */
  readonly normalized: boolean;
  /** Only where no letter or digit stands beside it. */
  readonly singleWord: boolean;
  /** Whether it takes the white space before it, and after it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
}

/** A stretch of ordinary text, or an added token. */
export type Part = string | AddedToken;

// White space and word characters as Rust's regular expressions have them, which the reference asks.
const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;
const WORD = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]/u;

/** Whether a word character begins at `at`. */
const wordAt = (text: string, at: number): boolean =>
  at < text.length && WORD.test(String.fromCodePoint(text.codePointAt(at)!));
const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;
/** Whether a word character ends before `at`. */
const wordBefore = (text: string, at: number): boolean =>
  at > 0 && wordAt(text, at > 1 && isLowSurrogate(text.charCodeAt(at - 1)) ? at - 2 : at - 1);

/** What to look for, sorted by code units: those with a common beginning stand together, the shortest first. */
type Patterns = readonly (readonly [string, AddedToken])[];

/** Of two equal patterns the first counts; an empty one is never found. */
function sortedPatterns(tokens: Iterable<readonly [string, AddedToken]>): Patterns {
  const first = new Map<string, AddedToken>();
  for (const [pattern, token] of tokens) if (pattern !== '' && !first.has(pattern)) first.set(pattern, token);
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The first of patterns `low` … `high` whose code unit at `depth` is at least `code`; all are longer than `depth`. */
function firstFrom(patterns: Patterns, low: number, high: number, depth: number, code: number): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (patterns[middle]![0].charCodeAt(depth) < code) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** The longest pattern that begins at `start`. No structure beside the sorted list: a file can hold a million tokens. */
function longestAt(
  patterns: Patterns,
  text: string,
  start: number,
): { token: AddedToken; end: number } | undefined {
  let found: { token: AddedToken; end: number } | undefined;
  let [low, high] = [0, patterns.length];
  for (let depth = 0; low < high && start + depth < text.length; depth++) {
    const code = text.charCodeAt(start + depth);
    low = firstFrom(patterns, low, high, depth, code);
    high = firstFrom(patterns, low, high, depth, code + 1);
    const shortest = patterns[low];
    if (low < high && shortest?.[0].length === depth + 1) {
      found = { token: shortest[1], end: start + depth + 1 };
      low++;
    }
  }
  return found;
}

/** Where the white space from an index on ends; a stretch of it is walked once, however often it is asked for. */
function findSpaceEnds(text: string): (from: number) => number {
  let [start, end] = [0, 0];
  return (from) => {
    if (from < start || from >= end) {
      [start, end] = [from, from];
      while (end < text.length && SPACE.test(text[end]!)) end++;
    }
    return Math.max(from, end);
  };
}

/**
 * Cuts added tokens out of texts as the reference does (`AddedVocabulary::find_matches` of Hugging Face's `tokenizers`):
 * the leftmost first, of those the longest; a `singleWord` inside a word is passed over; `lstrip` and `rstrip` take white
 * space, of which another token inside it is still found.
 * @param tokens pairs of what to look for and the token it stands for; of equal patterns the first counts.
 */
export function createSplitter(
  tokens: Iterable<readonly [string, AddedToken]>,
): (text: string) => readonly Part[] {
  const patterns = sortedPatterns(tokens);
  const firsts = new Set(patterns.map(([pattern]) => pattern.charCodeAt(0)));
  return (text) => {
    const parts: Part[] = [];
    const spaceEnd = findSpaceEnds(text);
    let done = 0;
    for (let at = 0; at < text.length; ) {
      const match = firsts.has(text.charCodeAt(at)) ? longestAt(patterns, text, at) : undefined;
      if (!match) {
        at++;
        continue;
      }
      const { token } = match;
      let [start, end] = [at, match.end];
      at = end;
      if (token.singleWord && (wordBefore(text, start) || wordAt(text, end))) continue;
      if (token.lstrip) {
        while (start > done && SPACE.test(text[start - 1]!)) start--;
        start = Math.max(start, done);
      }
      if (token.rstrip) end = spaceEnd(end);
      if (start > done) parts.push(text.slice(done, start));
      // A token in the white space that one before it took is found all the same, unless it takes white space itself.
      if (end > start) parts.push(token);
      done = end;
    }
    if (done < text.length) parts.push(text.slice(done));
    return parts;
  };
}
