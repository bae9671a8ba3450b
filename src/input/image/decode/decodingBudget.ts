/** Bytes that the pictures which are being decoded may take together; a larger one is decoded alone. */
const MOST = 1.5 * 2 ** 30;

interface Waiting {
  readonly bytes: number;
  start(): void;
}

/**
 * Lets work begin, in the order in which it comes, while all that is at work stays within `most` bytes: many small files
 * can be large pictures, and side by side they take what all of them take.
 */
export function createBudget(most = MOST) {
  const waiting: Waiting[] = [];
  let inUse = 0;
  let working = 0;

  function begin(): void {
    for (
      let first = waiting[0];
      first && (working === 0 || inUse + first.bytes <= most);
      first = waiting[0]
    ) {
      waiting.shift();
      inUse += first.bytes;
      working++;
      first.start();
    }
  }

  return async function within<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((start) => {
      waiting.push({ bytes, start });
      begin();
    });
    try {
      return await work();
    } finally {
      inUse -= bytes;
      working--;
      begin();
    }
  };
}

/** The budget of this process (in a thread: of the thread). */
export const withinBudget: ReturnType<typeof createBudget> = createBudget();
