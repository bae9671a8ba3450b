/** A place in the order of what waits for the engine: the least goes first. */
export interface Turn {
  /** Tokens that its asker has asked for before it, counted from what was at work when it came. */
  readonly start: number;
  readonly ticket: number;
}

/** Work of one kind that may share a run of the engine. */
export interface QueueLane {
  /** The next turn of what waits in front, or in the background. */
  next(isBackground: boolean): Turn | undefined;
  /** Runs what is next and what fits beside it; never rejects. */
  run(isBackground: boolean): Promise<void>;
}

/** Runs the work of all lanes, one batch at a time. */
export interface EngineQueue {
  add(lane: QueueLane): void;
  /** The turn of something that is asked for now. */
  turn(asker: object, tokens: number): Turn;
  /** Begins to work, unless it does already. */
  wake(): void;
  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void>;
}

/** After so many batches of requests in a row, one of the background has its turn. */
const PATIENCE = 16;

const isBefore = (a: Turn, b: Turn): boolean =>
  a.start < b.start || (a.start === b.start && a.ticket < b.ticket);

/**
 * One engine for many askers, in the order of start-time fair queuing (Goyal, Vin and Cheng 1996): who asks for little does
 * not wait for all of one who asks for much.
 */
export function createEngineQueue(): EngineQueue {
  const lanes: QueueLane[] = [];
  /** How far each asker is, in tokens. */
  const reached = new WeakMap<object, number>();
  let now = 0;
  let tickets = 0;
  let inARow = 0;
  let working: Promise<void> | undefined;

  function first(isBackground: boolean): { lane: QueueLane; turn: Turn } | undefined {
    let best: { lane: QueueLane; turn: Turn } | undefined;
    for (const lane of lanes) {
      const turn = lane.next(isBackground);
      if (turn && (!best || isBefore(turn, best.turn))) best = { lane, turn };
    }
    return best;
  }

  function choose() {
    const [front, behind] = [first(false), first(true)];
    const isBackground = behind !== undefined && (front === undefined || inARow >= PATIENCE);
    const chosen = isBackground ? behind : front;
    inARow = isBackground ? 0 : inARow + 1;
    return chosen && { ...chosen, isBackground };
  }

  async function work(): Promise<void> {
    // What is asked for in the same moment goes together.
    await new Promise(setImmediate);
    for (let chosen = choose(); chosen; chosen = choose()) {
      now = Math.max(now, chosen.turn.start);
      await chosen.lane.run(chosen.isBackground);
    }
  }

  function wake(): void {
    working ??= work().finally(() => {
      working = undefined;
      // Something may have come between the last look and here.
      if (first(false) ?? first(true)) wake();
    });
  }

  return {
    add: (lane) => void lanes.push(lane),
    turn(asker, tokens) {
      const start = Math.max(now, reached.get(asker) ?? 0);
      reached.set(asker, start + tokens);
      return { start, ticket: tickets++ };
    },
    wake,
    async idle() {
      while (working) await working;
    },
  };
}
