import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';

/** The page's folder, in the sources and in the built package alike. */
export const WEB_FOLDER = fileURLToPath(new URL('../../../web', import.meta.url));

/** Every file of the page by its address: nothing else of the folder is served. */
const PAGE_FILES = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/style.css': ['style.css', 'text/css; charset=utf-8'],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/api.js': ['api.js', 'text/javascript; charset=utf-8'],
  '/classify.js': ['classify.js', 'text/javascript; charset=utf-8'],
  '/meter.js': ['meter.js', 'text/javascript; charset=utf-8'],
  '/examples.js': ['examples.js', 'text/javascript; charset=utf-8'],
  '/search.js': ['search.js', 'text/javascript; charset=utf-8'],
  '/picture.js': ['picture.js', 'text/javascript; charset=utf-8'],
} as const;

/** A file that is served from memory. */
export interface Asset {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

export function asset(body: Uint8Array<ArrayBuffer>, type: string): Asset {
  const hash = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { type, body, etag: `"${hash}"` };
}

/** Reads the page's files. @throws Error naming the file that is missing. */
export async function readPage(folder = WEB_FOLDER): Promise<Map<string, Asset>> {
  const entries = Object.entries(PAGE_FILES).map(async ([url, [file, type]]) => {
    const body = Uint8Array.from(await readFile(join(folder, file)));
    return [url, asset(body, type)] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Serves files from memory; a browser that has one asks whether it is still the same. */
export function addAssets(app: Hono, assets: ReadonlyMap<string, Asset>): void {
  for (const [url, { type, body, etag }] of assets) {
    app.get(url, (context) => {
      const headers = { etag, 'cache-control': 'no-cache', 'content-type': type };
      if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
      return context.body(body, 200, headers);
    });
  }
}
