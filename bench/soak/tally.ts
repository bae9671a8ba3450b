/** What became of the requests of a soak. */
export interface Tally {
  answered(kind: string, milliseconds: number, flaw: string | undefined): void;
  /** Sent away with 429. */
  again(kind: string): void;
  /** No answer at all. */
  lost(kind: string, reason: string): void;
  attacked(kind: string, status: number, right: readonly number[]): void;
  /** Milliseconds of the answers, by kind. */
  readonly times: ReadonlyMap<string, readonly number[]>;
  readonly retries: ReadonlyMap<string, number>;
  /** Attacks by kind and status. */
  readonly attacks: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Sentences about what was lost or answered wrong, and about attacks that got another status than they should. */
  readonly losses: readonly string[];
  readonly flaws: readonly string[];
  readonly strange: readonly string[];
  summary(): string;
}

const count = <Key>(map: Map<Key, number>, key: Key): void => {
  map.set(key, (map.get(key) ?? 0) + 1);
};

export function createTally(): Tally {
  const times = new Map<string, number[]>();
  const retries = new Map<string, number>();
  const attacks = new Map<string, Map<number, number>>();
  const losses: string[] = [];
  const flaws: string[] = [];
  const strange: string[] = [];
  let answers = 0;
  let attempts = 0;
  return {
    times,
    retries,
    attacks,
    losses,
    flaws,
    strange,
    answered(kind, milliseconds, flaw) {
      answers++;
      const list = times.get(kind) ?? [];
      times.set(kind, list);
      list.push(milliseconds);
      if (flaw !== undefined) flaws.push(`${kind}: ${flaw}`);
    },
    again: (kind) => count(retries, kind),
    lost: (kind, reason) => void losses.push(`${kind}: ${reason}`),
    attacked(kind, status, right) {
      attempts++;
      const statuses = attacks.get(kind) ?? new Map<number, number>();
      attacks.set(kind, statuses);
      count(statuses, status);
      if (!right.includes(status)) strange.push(`${kind}: status ${status} instead of ${right.join(' or ')}`);
    },
    summary: () =>
      `${answers} answered, ${attempts} attacks, ${losses.length} lost, ${flaws.length} wrong, ${strange.length} strange`,
  };
}
