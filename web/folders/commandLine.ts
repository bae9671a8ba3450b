/** What is asked of an index, as the form has it and the server takes it. */
export interface IndexRequest {
  readonly collection: string;
  readonly folder: string;
  /** Seconds between two frames of a video; null takes none. */
  readonly frames_every: number | null;
  readonly pages: boolean;
  readonly exclude: readonly string[];
}

/** A word as a shell takes it: in single quotes where it has more than letters, digits and harmless signs. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** A path as a shell takes it: its `~` stays outside of the quotes, where it means the home folder. */
const quotedPath = (path: string): string =>
  path.startsWith('~/') && path.length > 2
    ? `~/${quoted(path.slice(2))}`
    : path === '~'
      ? path
      : quoted(path);

/** The command that does the same as the form. */
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
