import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';
import type { Hono, MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';

/** Where the page is built (`npm run prepare`), beside the sources and in the installed package alike. */
const PAGE_FOLDER = fileURLToPath(new URL('../../../web/dist', import.meta.url));

/**
 * The folder of the built page.
 * @throws Error saying how to build it
 */
export function pageFolder(folder = PAGE_FOLDER): string {
  if (existsSync(join(folder, 'index.html'))) return folder;
  throw new Error(
    `the page is not built (${folder} has no index.html): run \`npm run prepare\` in ${join(folder, '../..')}`,
  );
}

/** Names of built scripts and styles change with what is in them; a browser asks again for everything else. */
const caching: MiddlewareHandler = async (context, next) => {
  await next();
  if (context.res.status >= 400) return;
  const named = context.req.path.startsWith('/assets/');
  context.header('cache-control', named ? 'max-age=31536000, immutable' : 'no-cache');
};

/** Serves the files of a folder and nothing beside it; a browser that has one asks whether it is still the same. */
export function addPage(app: Hono, folder: string): void {
  app.use(caching, etag(), serveStatic({ root: folder }));
}
