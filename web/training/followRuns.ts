import { live } from '../shared/live.ts';
import { oneAtATime } from '../shared/oneAtATime.ts';
import { getRun, type Run, runEvents } from './runs.ts';

/** Runs that are looked at, kept as they are now. */
export interface FollowedRuns {
  /** Follows these from now on, and no others. */
  follow(names: readonly string[]): void;
}

interface Followed {
  readonly end: () => void;
  run?: Run;
}

/**
 * @param changed called with all runs that have come, in the order in which they are followed
 * @param failed called with what went wrong
 */
export function followRuns(
  changed: (runs: readonly Run[]) => void,
  failed: (error: unknown) => void,
  signal: AbortSignal,
): FollowedRuns {
  const followed = new Map<string, Followed>();
  let order: readonly string[] = [];

  const tell = () => changed(order.flatMap((name) => followed.get(name)?.run ?? []));
  const begin = (name: string): void => {
    const ended = new AbortController();
    const refresh = oneAtATime(async () => {
      try {
        const run = await getRun(name, ended.signal);
        const entry = followed.get(name);
        if (entry) entry.run = run;
        tell();
      } catch (error) {
        if (!ended.signal.aborted) failed(error);
      }
    });
    const endLive = live(runEvents(name), 'run', refresh);
    followed.set(name, {
      end: () => {
        ended.abort();
        endLive();
      },
    });
    refresh();
  };
  const follow = (names: readonly string[]) => {
    order = [...new Set(names)];
    for (const [name, { end }] of followed) {
      if (order.includes(name)) continue;
      end();
      followed.delete(name);
    }
    for (const name of order) if (!followed.has(name)) begin(name);
    tell();
  };
  signal.addEventListener('abort', () => follow([]));
  return { follow };
}
