import { readFileSync } from 'node:fs';

/** Shorter keys can be guessed. */
const SHORTEST = 16;

/** What a header can carry. */
const FORM = /^[\x21-\x7e]*$/;

/**
 * Throws when a key cannot be one. The error does not tell the key.
 * @param name which one it is, for the error
 */
function checkKey(key: string, name: string): void {
  if (!FORM.test(key))
    throw new Error(
      `${name} has a blank or a letter that no header can carry: use letters, digits and - _ .`,
    );
  if (key.length < SHORTEST)
    throw new Error(
      `${name} has ${key.length} characters, which can be guessed: at least ${SHORTEST} are needed, such as \`openssl rand -hex 32\` prints`,
    );
}

/**
 * Keys as they were given, checked.
 * @param source where they are from, for the error: "the API key", "keys.txt: the key"
 * @throws Error naming the one that is too short, or that no header can carry, by its place
 */
export function checkKeys(keys: readonly string[], source: string): readonly string[] {
  keys.forEach((key, i) => {
    checkKey(key, keys.length === 1 ? source : `${source} ${i + 1} of ${keys.length}`);
  });
  return [...new Set(keys)];
}

/**
 * The keys in a file: one a line, without empty lines and those that begin with `#`.
 * @throws Error naming the file when it cannot be read, has none, or one that is wrong
 */
export function readKeys(path: string): readonly string[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${path}: the keys cannot be read (${String(error)})`, { cause: error });
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (keys.length === 0) throw new Error(`${path}: there is no key in it; write one a line`);
  return checkKeys(keys, `${path}: the key`);
}
