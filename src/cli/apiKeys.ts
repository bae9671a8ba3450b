import { readKeys } from '../server/access/keys.ts';
import { UsageError } from './support/errors.ts';

const VARIABLE = 'SIGLIP2_API_KEYS';

/** Keys between commas or blanks. */
function keysOfVariable(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const keys = value.split(/[\s,]+/).filter((key) => key !== '');
  // Whoever sets it wants the server closed.
  if (keys.length === 0)
    throw new UsageError(`${VARIABLE} is set, but has no key in it; set one, or unset it`);
  return keys;
}

/**
 * The keys of a server: of the command line, a file and the environment, all together.
 * @throws UsageError when the variable is set and empty; Error naming the file when it has none
 */
export const apiKeysOf = (
  { apiKey, apiKeysFile }: { readonly apiKey: readonly string[]; readonly apiKeysFile?: string | undefined },
  env: Readonly<Record<string, string | undefined>> = process.env,
): readonly string[] => [
  ...apiKey,
  ...(apiKeysFile === undefined ? [] : readKeys(apiKeysFile)),
  ...keysOfVariable(env[VARIABLE]),
];
