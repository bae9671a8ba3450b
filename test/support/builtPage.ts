import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const WEB = join(import.meta.dirname, '../../web');

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Tests ask for the page as its sources are now: builds it where they are newer than what was built. */
export async function setup(): Promise<void> {
  const sources = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('dist'),
  );
  const newest = Math.max(...sources.map((name) => changedAt(join(WEB, name))));
  if (changedAt(join(WEB, 'dist/index.html')) < newest)
    await build({ configFile: join(WEB, 'vite.config.ts'), logLevel: 'warn' });
}
