/** Rows that may be among the best, each with bounds of its score. */
export interface Candidates {
  /** What a row's upper bound must reach: the limit-th best of all lower bounds so far. */
  bar(): number;
  add(id: number, lower: number, upper: number): void;
  /** Those that reach the bar, best upper bound first. */
  finish(): Candidate[];
}

export interface Candidate {
  readonly id: number;
  readonly upper: number;
}

/** The list is looked through when it has so many times the limit, and then when it has doubled. */
const SLACK = 4;

export function createCandidates(limit: number): Candidates {
  const best = createLargest(limit);
  let list: Candidate[] = [];
  let crowded = Math.max(limit * SLACK, 4096);

  const reaching = (): Candidate[] => {
    const bar = best.least();
    return list.filter(({ upper }) => upper >= bar);
  };

  return {
    bar: best.least,
    add(id, lower, upper) {
      best.add(lower);
      list.push({ id, upper });
      if (list.length < crowded) return;
      list = reaching();
      crowded = Math.max(crowded, list.length * 2);
    },
    finish: () => reaching().sort((a, b) => b.upper - a.upper),
  };
}

/** The largest `limit` of many numbers, as a heap with the least of them on top. */
function createLargest(limit: number) {
  const heap: number[] = [];

  function rise(value: number): void {
    let at = heap.push(value) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (heap[above]! <= value) break;
      heap[at] = heap[above]!;
      at = above;
    }
    heap[at] = value;
  }

  function sink(value: number): void {
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= limit) break;
      if (below + 1 < limit && heap[below + 1]! < heap[below]!) below++;
      if (heap[below]! >= value) break;
      heap[at] = heap[below]!;
      at = below;
    }
    heap[at] = value;
  }

  return {
    /** The limit-th largest; −∞ while there are fewer. */
    least: (): number => (heap.length < limit ? -Infinity : heap[0]!),
    add(value: number): void {
      if (heap.length < limit) rise(value);
      else if (value > heap[0]!) sink(value);
    },
  };
}
