import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** The newest profile with a path prefix: the runtime appends the time, in a form that sorts. */
export function newestProfile(prefix: string): string | undefined {
  const start = `${basename(prefix)}_`;
  const name = readdirSync(dirname(prefix))
    .filter((file) => file.startsWith(start) && file.endsWith('.json'))
    .sort()
    .at(-1);
  return name === undefined ? undefined : join(dirname(prefix), name);
}
