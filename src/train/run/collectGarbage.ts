import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

let collect: (() => void) | undefined;

/**
 * Frees the arrays that nothing refers to. The engine does so in its own time, by how full its own heap is: gigabytes of
 * arrays, which lie outside it, may stay for minutes, beside those that take their place. Call it where a large part
 * of a run ends, never in a loop.
 */
export function collectGarbage(): void {
  if (!collect) {
    // A new context has `gc` if the flag was set before, however the process was started.
    setFlagsFromString('--expose-gc');
    const found: unknown = runInNewContext('globalThis.gc');
    collect = typeof found === 'function' ? () => void found() : () => undefined;
  }
  collect();
}
