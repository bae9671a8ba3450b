/** A merge list's entry as tokenizer.json has it: `"left right"`, or `["left", "right"]` in newer files. */
export type Merge = string | readonly [string, string];

/** Position of each merge in the list, by `"left right"`. A lower rank merges first. */
export type MergeRanks = ReadonlyMap<string, number>;

const WORD_START = '▁';
/** Words whose pieces are remembered; names and captions repeat the same few thousand. */
const CACHED_WORDS = 50_000;
/** Longer words are rarely seen twice, and would make that memory unbounded. */
const CACHED_LENGTH = 64;

export const mergeKey = (merge: Merge): string => (typeof merge === 'string' ? merge : merge.join(' '));

/** Ranks of a merge list. Whole strings are the keys, so that loading 580,000 merges parses none of them. */
export function mergeRanks(merges: readonly Merge[]): MergeRanks {
  const ranks = new Map<string, number>();
  for (let rank = 0; rank < merges.length; rank++) ranks.set(mergeKey(merges[rank]!), rank);
  return ranks;
}

/** Binary heap of numbers, smallest first. */
function push(heap: number[], value: number): void {
  let i = heap.push(value) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = value;
}

function pop(heap: number[]): number {
  const top = heap[0]!;
  const last = heap.pop()!;
  const n = heap.length;
  if (n === 0) return top;
  let i = 0;
  for (let child = 1; child < n; child = 2 * i + 1) {
    if (child + 1 < n && heap[child + 1]! < heap[child]!) child++;
    if (heap[child]! >= last) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
  return top;
}

/**
 * Byte-pair encoding of one word: starting from its code points, joins the adjacent pair of lowest rank (the
 * leftmost of equals) until no pair is in the list. O(n log n).
 * @param onMerge called with the two pieces of every merge that is made.
 */
export function mergeWord(
  word: string,
  ranks: MergeRanks,
  onMerge?: (left: string, right: string) => void,
): string[] {
  const pieces = Array.from(word);
  const n = pieces.length;
  if (n < 2) return pieces;
  // A linked list over the starting positions. pairRank[i] is the rank of piece i with its right neighbour,
  // −1 if it can't merge: a heap entry is stale when it names another rank.
  const next = Int32Array.from({ length: n }, (_, i) => i + 1);
  const previous = Int32Array.from({ length: n }, (_, i) => i - 1);
  const pairRank = new Int32Array(n).fill(-1);
  const heap: number[] = [];
  const refresh = (i: number): void => {
    const right = next[i]!;
    const rank = right < n ? (ranks.get(`${pieces[i]} ${pieces[right]}`) ?? -1) : -1;
    pairRank[i] = rank;
    // One number orders by rank, then by position; it stays an exact integer up to 2⁵³.
    if (rank >= 0) push(heap, rank * n + i);
  };
  for (let i = 0; i < n - 1; i++) refresh(i);
  while (heap.length > 0) {
    const entry = pop(heap);
    const i = entry % n;
    if (pairRank[i] !== (entry - i) / n) continue;
    const right = next[i]!;
    onMerge?.(pieces[i]!, pieces[right]!);
    pieces[i] += pieces[right]!;
    next[i] = next[right]!;
    pairRank[right] = -1;
    if (next[i]! < n) previous[next[i]!] = i;
    refresh(i);
    if (previous[i]! >= 0) refresh(previous[i]!);
  }
  const merged: string[] = [];
  for (let i = 0; i < n; i = next[i]!) merged.push(pieces[i]!);
  return merged;
}

/**
 * Whether text can be cut before each run of "▁" without changing its pieces: true when no piece has a "▁"
 * after another character, so that no merge crosses such a cut.
 */
export const separableWords = (pieces: Iterable<string>): boolean => {
  for (const piece of pieces) {
    const mark = piece.lastIndexOf(WORD_START);
    if (mark > 0 && piece.slice(0, mark) !== WORD_START.repeat(mark)) return false;
  }
  return true;
};

const WORDS = /▁+[^▁]*|[^▁]+/g;

/** Runs of "▁" each with the characters that follow. */
export const splitWords = (text: string): string[] => text.match(WORDS) ?? [];

/**
 * Byte-pair encoding of whole texts, word by word where that is exact, with a bounded memory of words. Words are merged
 * as their pieces are asked for: who needs the first few pieces of a long text pays for those.
 */
export function createMerger(ranks: MergeRanks, byWord: boolean): (text: string) => Iterable<string> {
  const known = new Map<string, string[]>();
  const mergeCached = (word: string): string[] => {
    const found = known.get(word);
    if (found !== undefined) return found;
    const pieces = mergeWord(word, ranks);
    if (word.length > CACHED_LENGTH) return pieces;
    if (known.size >= CACHED_WORDS) known.clear();
    known.set(word, pieces);
    return pieces;
  };
  function* mergeWords(text: string): Generator<string> {
    for (const [word] of text.matchAll(WORDS)) yield* mergeCached(word);
  }
  return byWord ? mergeWords : (text) => mergeWord(text, ranks);
}
