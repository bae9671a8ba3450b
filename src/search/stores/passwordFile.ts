import { readFileSync } from 'node:fs';

const VARIABLE = 'SIGLIP2_DATABASE_PASSWORD_FILE';

/**
 * The address of a database with the password that a file has, where it has none of its own: the variable
 * SIGLIP2_DATABASE_PASSWORD_FILE names one, as containers are given secrets. Folders stay as they are.
 * @throws Error naming the file when it cannot be read
 */
export function withPassword(
  location: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const file = env[VARIABLE];
  if (!file || !/^postgres(ql)?:/i.test(location) || !URL.canParse(location)) return location;
  const url = new URL(location);
  if (url.password !== '') return location;
  try {
    url.password = encodeURIComponent(readFileSync(file, 'utf8').replace(/\r?\n$/, ''));
  } catch (error) {
    throw new Error(`${VARIABLE}: ${file} cannot be read (${String(error)})`, { cause: error });
  }
  return url.href;
}
