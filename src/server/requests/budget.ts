/** An amount of something that all requests share: bytes, or places. */
export interface Budget {
  readonly total: number;
  /** What is reserved now. */
  readonly used: number;
  /** How many wait for their share. */
  readonly waiting: number;
  /**
   * Takes an amount as soon as it is free, first come, first served: a large one is not overtaken by small ones.
   * @returns how to give it back; more than once is the same as once
   * @throws RangeError when the amount is more than there is at all; the signal's reason when it is aborted first
   */
  reserve(amount: number, signal?: AbortSignal): Promise<() => void>;
}

interface Waiting {
  readonly amount: number;
  go(): void;
}

/** Why a signal was aborted, as an error: some abort with a sentence only. */
function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** @throws Error when the client that the signal stands for is gone */
export function throwIfGone(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw reasonOf(signal);
}

/** A budget of which nothing is taken yet. */
export function createBudget(total: number): Budget {
  const queue: Waiting[] = [];
  let used = 0;

  function serve(): void {
    for (let next = queue[0]; next && used + next.amount <= total; next = queue[0]) {
      queue.shift();
      next.go();
    }
  }

  function take(amount: number): () => void {
    used += amount;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      used -= amount;
      serve();
    };
  }

  return {
    total,
    get used() {
      return used;
    },
    get waiting() {
      return queue.length;
    },
    async reserve(amount, signal) {
      if (!(amount <= total)) throw new RangeError(`${amount} is more than the budget of ${total}`);
      throwIfGone(signal);
      if (queue.length === 0 && used + amount <= total) return take(amount);
      return new Promise((resolve, reject) => {
        const entry: Waiting = {
          amount,
          go() {
            signal?.removeEventListener('abort', giveUp);
            resolve(take(amount));
          },
        };
        const giveUp = () => {
          queue.splice(queue.indexOf(entry), 1);
          if (signal) reject(reasonOf(signal));
          // What stood behind it may be small enough.
          serve();
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        queue.push(entry);
      });
    },
  };
}
