/** How many wrong keys an address may try: at once, and then one after each pause. */
const BURST = 10;
export const PAUSE_MS = 6_000;
/** For how long an address from which a right key came is let through although wrong ones come from it too. */
const TRUST_MS = 3_600_000;
/** Addresses that are remembered; the oldest is forgotten first. */
const MOST = 10_000;

interface Attempts {
  /** Wrong keys that the pauses since then have not yet made good. */
  wrong: number;
  at: number;
  trustedUntil: number;
}

/** Counts wrong keys for each address, so that nobody can try many. */
export interface AttemptCounter {
  /** Whether a key from this address is looked at. */
  mayTry(address: string): boolean;
  note(address: string, isRight: boolean): void;
}

/** One subscriber has a whole /64 of IPv6 addresses. */
const subscriber = (address: string): string =>
  address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address;

export function createAttemptCounter(now: () => number = () => performance.now()): AttemptCounter {
  const known = new Map<string, Attempts>();

  function entryOf(address: string): Attempts {
    const key = subscriber(address);
    const entry = known.get(key) ?? { wrong: 0, at: now(), trustedUntil: 0 };
    const passed = now() - entry.at;
    entry.wrong = Math.max(0, entry.wrong - passed / PAUSE_MS);
    entry.at += passed;
    return entry;
  }

  function keep(address: string, entry: Attempts): void {
    const key = subscriber(address);
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  }

  return {
    mayTry(address) {
      const { wrong, trustedUntil } = entryOf(address);
      return wrong <= BURST - 1 || trustedUntil > now();
    },
    note(address, isRight) {
      const entry = entryOf(address);
      if (isRight) entry.trustedUntil = now() + TRUST_MS;
      else entry.wrong = Math.min(BURST, entry.wrong + 1);
      keep(address, entry);
    },
  };
}
