import type { Asking } from './asking.ts';
import type { EngineQueue, Turn } from './engineQueue.ts';

/** What a run of the engine took. */
export interface BatchFacts {
  readonly kind: string;
  readonly items: number;
  readonly tokens: number;
  readonly seconds: number;
  /** Whether it was tried again in parts, because one of its items fails. */
  readonly failed: boolean;
}

export interface LaneOptions<Input, Output> {
  /** What is computed: `text`, `image`, `patches`. */
  readonly kind: string;
  /** Most tokens of one run, padding included; an item that has more runs alone. */
  readonly budget: number;
  /** Answers in the order of the inputs. */
  readonly run: (inputs: readonly Input[]) => Promise<readonly Output[]>;
  readonly tokensOf: (input: Input) => number;
  /** Items with the same one are computed once. Default: each is another. */
  readonly keyOf?: (input: Input) => unknown;
  readonly onBatch?: ((facts: BatchFacts) => void) | undefined;
}

/** Items of one kind that wait for the engine together. */
export interface Lane<Input, Output> {
  /** How many items wait. */
  waiting(): number;
  /**
   * The answer to each input, in their order; each settles by itself. When one fails, those that wait still are withdrawn
   * where `together` is true.
   */
  ask(inputs: readonly Input[], asking: Asking, together: boolean): Promise<Output>[];
}

interface Entry<Input, Output> {
  readonly input: Input;
  readonly tokens: number;
  readonly turn: Turn;
  readonly isBackground: boolean;
  resolve(output: Output): void;
  reject(error: unknown): void;
}

/**
 * Items of a run are padded to its longest: at most so many times what they have themselves. A longer item is the first of
 * a later run; none waits for more than what came before it.
 */
const MOST_PADDED = 1.25;

/** Entries that ask for the same, once each. */
function distinct<Input, Output>(entries: readonly Entry<Input, Output>[], keyOf: (input: Input) => unknown) {
  const groups = new Map<unknown, Entry<Input, Output>[]>();
  for (const entry of entries) {
    const key = keyOf(entry.input);
    const group = groups.get(key);
    if (group) group.push(entry);
    else groups.set(key, [entry]);
  }
  return [...groups.values()];
}

/** A lane of a queue. */
export function createLane<Input, Output>(
  queue: EngineQueue,
  { kind, budget, run, tokensOf, keyOf = () => ({}), onBatch }: LaneOptions<Input, Output>,
): Lane<Input, Output> {
  type Own = Entry<Input, Output>;
  /** In the order of their turns. */
  let waiting: Own[] = [];

  const withdraw = (gone: ReadonlySet<Own>): void => {
    waiting = waiting.filter((entry) => !gone.has(entry));
  };

  function insert(entry: Own): void {
    const { start, ticket } = entry.turn;
    const place = waiting.findLastIndex(
      ({ turn }) => turn.start < start || (turn.start === start && turn.ticket < ticket),
    );
    waiting.splice(place + 1, 0, entry);
  }

  /** What goes next, and what fits beside it. */
  function take(isBackground: boolean): Own[] {
    const taken: Own[] = [];
    let [longest, sum] = [0, 0];
    for (const entry of waiting) {
      if (entry.isBackground !== isBackground) continue;
      const items = taken.length + 1;
      if (taken.length > 0 && items * longest > budget) break;
      const [padded, real] = [items * Math.max(longest, entry.tokens), sum + entry.tokens];
      if (taken.length > 0 && (padded > budget || padded > MOST_PADDED * real)) continue;
      taken.push(entry);
      [longest, sum] = [Math.max(longest, entry.tokens), real];
    }
    withdraw(new Set(taken));
    return taken;
  }

  /** Where a run of several fails, its halves are tried: an item that cannot be computed fails alone. */
  async function settle(groups: readonly Own[][]): Promise<void> {
    const tokens = groups.reduce((sum, [first]) => sum + first!.tokens, 0);
    const began = performance.now();
    const tell = (failed: boolean) =>
      onBatch?.({ kind, items: groups.length, tokens, seconds: (performance.now() - began) / 1000, failed });
    try {
      const outputs = await run(groups.map(([first]) => first!.input));
      tell(false);
      groups.forEach((group, i) => {
        for (const entry of group) entry.resolve(outputs[i]!);
      });
    } catch (error) {
      tell(true);
      if (groups.length === 1) {
        for (const entry of groups[0]!) entry.reject(error);
        return;
      }
      const half = Math.ceil(groups.length / 2);
      await settle(groups.slice(0, half));
      await settle(groups.slice(half));
    }
  }

  queue.add({
    next: (isBackground) => waiting.find((entry) => entry.isBackground === isBackground)?.turn,
    run: (isBackground) => settle(distinct(take(isBackground), keyOf)),
  });

  return {
    waiting: () => waiting.length,
    ask(inputs, asking, together) {
      const { signal, isBackground = false } = asking;
      if (signal?.aborted) return inputs.map(() => Promise.reject(signal.reason));
      const own = new Set<Own>();
      const settlers: ((error: unknown) => void)[] = [];
      const stop = (error: unknown) => {
        withdraw(own);
        // Those that were answered are not reached by it.
        for (const reject of settlers) reject(error);
      };
      const answers = inputs.map(
        (input) =>
          new Promise<Output>((resolve, reject) => {
            const tokens = tokensOf(input);
            const entry: Own = {
              ...{ input, tokens, isBackground, resolve },
              turn: queue.turn(asking, tokens),
              // The one that failed is the first to say so.
              reject(error) {
                reject(error);
                if (together) stop(error);
              },
            };
            settlers.push(reject);
            own.add(entry);
            insert(entry);
          }),
      );
      const onAbort = () => stop(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      void Promise.allSettled(answers).then(() => signal?.removeEventListener('abort', onAbort));
      queue.wake();
      return answers;
    },
  };
}
