import { existsSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeOf } from '../../checkpoint/files/errorCode.ts';
import { registerModuleHooks } from './moduleHooks.ts';

/** What a user's module may be. */
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cjs'] as const;

/** tsx is an optional peer dependency: of those who install the package, only those with modules in TypeScript need it. */
async function registerTypeScript(): Promise<void> {
  const { register } = await import('tsx/esm/api').catch((cause: unknown) => {
    if (codeOf(cause) !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new Error('TypeScript needs the package tsx; run `npm install tsx`, or give JavaScript', { cause });
  });
  register();
}

/**
 * Imports a module that may be TypeScript. The compiled command runs in a plain Node, which may not know TypeScript:
 * there tsx is registered for the rest of the process (not `tsImport`, whose separate namespace would load a second
 * copy of this package into the module).
 */
async function importPath(path: string): Promise<unknown> {
  const url = pathToFileURL(path).href;
  const compiled = !import.meta.url.endsWith('.ts');
  if (compiled && /\.[mc]?tsx?$/.test(path)) await registerTypeScript();
  // After tsx, whose guess at a file's format they correct.
  registerModuleHooks();
  return import(/* @vite-ignore */ url);
}

/**
 * Imports a user's JavaScript or TypeScript module.
 * @param what it is, as in `recipe module`
 * @throws Error naming the file and why it cannot be loaded
 */
export async function importModule(file: string, what: string): Promise<unknown> {
  const path = resolve(file);
  if (!existsSync(path)) throw new Error(`${file}: no such file; give the path of a ${what}`);
  if (!EXTENSIONS.some((extension) => extension === extname(path)))
    throw new Error(`${file}: is no ${what}; expected a file that ends in ${EXTENSIONS.join(', ')}`);
  return importPath(path).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const kind = codeOf(cause) === 'ERR_MODULE_NOT_FOUND' ? 'imports what is not there' : 'cannot be loaded';
    throw new Error(`${file}: ${kind} (${reason})`, { cause });
  });
}
