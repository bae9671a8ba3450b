import { live } from '../shared/live.ts';
import { type Run, runEvents } from './runs.ts';

interface Followed {
  readonly end: () => void;
  run?: Run;
}

const isRun = (data: unknown): data is Run =>
  typeof data === 'object' && data !== null && 'stages' in data && 'evaluations' in data && 'samples' in data;

/**
 * Runs that are looked at, kept as they are now.
 * @param changed called with all runs that have come, in the order in which they are followed
 * @returns follows runs from now on, and no others
 */
export function followRuns(
  changed: (runs: readonly Run[]) => void,
  signal: AbortSignal,
): (names: readonly string[]) => void {
  const followed = new Map<string, Followed>();
  let order: readonly string[] = [];

  const tell = () => changed(order.flatMap((name) => followed.get(name)?.run ?? []));
  const begin = (name: string) => {
    const end = live(runEvents(name), 'run', (data) => {
      if (!isRun(data)) return;
      followed.set(name, { end, run: data });
      tell();
    });
    followed.set(name, { end });
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
  return follow;
}
