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

interface Node {
  readonly next: Map<number, Node>;
  token?: AddedToken;
}

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

function buildTrie(tokens: Iterable<readonly [string, AddedToken]>): Node {
  const root: Node = { next: new Map() };
  for (const [pattern, token] of tokens) {
    if (pattern === '') continue;
    let node = root;
    for (let i = 0; i < pattern.length; i++) {
      const code = pattern.charCodeAt(i);
      let child = node.next.get(code);
      if (!child) {
        child = { next: new Map() };
        node.next.set(code, child);
      }
      node = child;
    }
    node.token ??= token;
  }
  return root;
}

/** The longest pattern that begins at `start`. */
function longestAt(root: Node, text: string, start: number): { token: AddedToken; end: number } | undefined {
  let node: Node | undefined = root;
  let found: { token: AddedToken; end: number } | undefined;
  for (let i = start; i < text.length; i++) {
    node = node.next.get(text.charCodeAt(i));
    if (!node) break;
    if (node.token) found = { token: node.token, end: i + 1 };
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
  const root = buildTrie(tokens);
  return (text) => {
    const parts: Part[] = [];
    const spaceEnd = findSpaceEnds(text);
    let done = 0;
    for (let at = 0; at < text.length; ) {
      const match = longestAt(root, text, at);
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
