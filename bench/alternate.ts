import { setTimeout as sleep } from 'node:timers/promises';
import { mean } from './stats.ts';

/** One thing to time, beside others. */
export interface Lane {
  readonly name: string;
  /** Runs once; returns what it cost (ms). */
  run(): Promise<number>;
  /** Runs in a row, for what is over too soon to be timed once. Default 1; a round's cost is their mean. */
  readonly repeats?: number;
}

/** Between two lanes: engines' idle threads spin for a while after a run and would disturb the next one. */
const SETTLE_MS = 20;

/**
 * Runs lanes in turn (A B C A B C …), after one round that does not count, so that whatever slows the machine down
 * meets them all.
 * @returns each lane's cost per round, by name.
 */
export async function alternate(
  lanes: readonly Lane[],
  rounds: number,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const costs = new Map<string, number[]>(lanes.map(({ name }) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const { name, run, repeats = 1 } of lanes) {
      await sleep(SETTLE_MS);
      const samples: number[] = [];
      for (let i = 0; i < repeats; i++) samples.push(await run());
      if (round >= 0) costs.get(name)!.push(mean(samples));
    }
  }
  return costs;
}
