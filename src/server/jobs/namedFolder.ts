import { readdir, realpath, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, parse, resolve, sep } from 'node:path';
import { messageOf } from '../../data/samples/badRead.ts';
import { badRequest } from '../requests/errors.ts';

/**
 * Folders of the system's kernel: what looks like files there acts when it is read, blocks, or never ends. Other folders of
 * the system hold plain files, and pictures among them.
 */
const KERNEL = ['/proc', '/sys', '/dev', '/run'];

const refuse = (sentence: string) => badRequest(`folder: ${sentence}`, 'folder');

/**
 * A path as a person writes it: whole, or from `~` on.
 * @throws HTTPException 400 for any other: nobody on the page knows from where it would count
 */
export function wholePath(path: string, home = homedir()): string {
  const given = path === '~' || path.startsWith('~/') || path.startsWith(`~${sep}`);
  const whole = given ? join(home, path.slice(1)) : path;
  if (isAbsolute(whole)) return resolve(whole);
  throw refuse(
    `${JSON.stringify(path)} does not say where it begins; give the whole path, for example ${join(home, 'Pictures')} or ~/Pictures`,
  );
}

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

function assertNoSystem(path: string): void {
  if (parse(path).root === path)
    throw refuse(`${path} is all that there is on the machine; name the folder that the pictures are in`);
  const kernel = KERNEL.find((one) => isBelow(path, one));
  if (kernel !== undefined && process.platform !== 'win32')
    throw refuse(`${path} lies in ${kernel}, which is the system's own and holds no pictures; name another`);
}

/**
 * The folder that somebody named to be indexed.
 * @throws HTTPException 400 where it is no folder that can be read, or one that is not indexed from the page
 */
export async function namedFolder(path: string): Promise<string> {
  const whole = wholePath(path);
  assertNoSystem(whole);
  try {
    const found = await stat(whole);
    if (!found.isDirectory()) throw refuse(`${whole} is a file; name the folder that it is in`);
    await readdir(whole);
    // A link may lead to what is refused.
    assertNoSystem(await realpath(whole));
  } catch (error) {
    if (error instanceof Error && 'status' in error) throw error;
    throw refuse(`${whole} can't be read (${messageOf(error)}); check how it is written and who may read it`);
  }
  return whole;
}
