import type { IndexRequest } from '../jobs/jobsApi.ts';

/** A word as a shell takes it: in single quotes where it has more than letters, digits and harmless signs. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A path as a shell takes it: `~` stays outside of the quotes, since it means the home folder there alone. */
function quotedPath(path: string): string {
  if (path === '~' || path === '~/') return path;
  return path.startsWith('~/') ? `~/${quoted(path.slice(2))}` : quoted(path);
}

/** The command that does the same as the form. What the form lacks is left to fill in. */
export function commandLine(request: IndexRequest): string {
  const { collection, folder, frames_every: every, pages, exclude } = request;
  return [
    'siglip2 index',
    quotedPath(folder.trim() || '~/Pictures'),
    ...(collection.trim() === '' ? [] : [`--name ${quoted(collection.trim())}`]),
    ...(every === null ? [] : [`--frames every=${every}s`]),
    ...(pages ? [] : ['--no-pages']),
    ...(exclude.length === 0 ? [] : [`--exclude ${exclude.map(quoted).join(' ')}`]),
  ].join(' ');
}

/** Patterns are written one a line, or with commas between. */
export const splitPatterns = (text: string): string[] =>
  text
    .split(/[\n,]+/)
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');
