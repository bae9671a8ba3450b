import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { OPEN_PATH } from './owner.ts';

/** What is open to all although the server has keys: signs of life, and how a browser becomes known. */
const OPEN_PATHS: readonly string[] = ['/health', '/ready', '/v1/session', '/v1/login', '/v1/logout'];

/** The addresses of the page's own files. */
function pagePaths(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => `/${relative(folder, join(parentPath, name)).split(sep).join('/')}`);
  return ['/', ...files];
}

/**
 * Which requests need no key. All others do: what somebody adds to the server is closed until it is named here.
 * @param page the folder of the page's files
 */
export function openTo(page: string | undefined): (method: string, path: string) => boolean {
  const open = new Set(OPEN_PATHS);
  const files = new Set(pagePaths(page));
  return (method, path) =>
    open.has(path) ||
    ((method === 'GET' || method === 'HEAD') && (files.has(path) || path.startsWith(OPEN_PATH)));
}
