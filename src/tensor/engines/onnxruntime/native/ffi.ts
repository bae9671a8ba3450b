import { createRequire } from 'node:module';
import type koffi from 'koffi';

let loaded: typeof koffi | undefined;

/**
 * The foreign function interface, loaded when it is first needed: it has no binary for some platforms, and
 * there the other transport has to work.
 * @throws Error when there is no binary for this platform.
 */
export function ffi(): typeof koffi {
  loaded ??= createRequire(import.meta.url)('koffi') as typeof koffi;
  return loaded;
}
