import { quote } from '../files/errors.ts';

/** A git repository cannot hold such names: whoever lists them wants to write outside the cache. */
const escapes = (name: string): boolean =>
  name === '' || name.startsWith('/') || name.includes('\0') || name.split(/[/\\]/).includes('..');

/** Names that a repository can hold and this program never asks for: on Windows they leave the folder. */
const isWindowsPath = (name: string): boolean => /[\\:]/.test(name);

/**
 * Whether a file of a listing may be fetched, by its name; false for names that mean another place on Windows.
 * @param refuse makes the error for a listing that cannot be trusted at all.
 */
export function isFetchable(name: string, refuse: (fault: string) => Error): boolean {
  if (escapes(name)) throw refuse(`the name ${quote(name)}, which leaves its folder`);
  return !isWindowsPath(name);
}

/** A branch, tag, commit or `refs/pr/1`, by git's own rules, which also keep it inside the cache's `refs` folder. */
export const isRevision = (revision: string): boolean =>
  revision.length <= 255 &&
  // biome-ignore lint/suspicious/noControlCharactersInRegex: git forbids them, and so does this.
  !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|[/.]$|\.lock(?:\/|$)|(?:^|\/)\.|^[-/]|^@$/.test(revision) &&
  revision !== '';

/** `owner/name`, by the hub's rules. */
export const isModelName = (name: string): boolean =>
  /^\w(?:[\w.-]{0,94}\w)?\/\w(?:[\w.-]{0,94}\w)?$/.test(name) && !/--|\.\.|\.git$/.test(name);
