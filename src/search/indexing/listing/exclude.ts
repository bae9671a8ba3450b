import { Minimatch } from 'minimatch';

/** Names that begin with a dot are the lister's matter. */
const MATCHING = { dot: true, noext: true, nonegate: true, nocomment: true } as const;

/**
 * Whether a path is left out: a pattern with a slash names paths from the folder on, one without names files and folders
 * anywhere. What lies in a folder that is left out is left out too.
 * @param patterns `*`, `?`, `[a-f]`, `**`, `{a,b}`
 * @returns for a path relative to the folder, with forward slashes
 */
export function excluding(patterns: readonly string[]): (path: string) => boolean {
  const globs = patterns.map((pattern) => pattern.replace(/^\.?\//, '').replace(/\/+$/, ''));
  const whole = globs.filter((glob) => glob.includes('/')).map((glob) => new Minimatch(glob, MATCHING));
  const names = globs.filter((glob) => !glob.includes('/')).map((glob) => new Minimatch(glob, MATCHING));
  if (globs.length === 0) return () => false;
  return (path) => {
    const parts = path.split('/');
    return parts.some(
      (name, i) =>
        names.some((glob) => glob.match(name)) ||
        whole.some((glob) => glob.match(parts.slice(0, i + 1).join('/'))),
    );
  };
}
