import { constants } from 'node:os';
import { ffi } from './ffi.ts';

/**
 * Keeps a shared library in memory until the process has ended, by a reference that nobody gives back. Koffi unloads
 * what it loaded when the handle is collected, under the feet of the functions taken from it, and when a process ends:
 * a thread of the library that is only then given its turn (a session's thread pool outlives its caller) would find no
 * code there, a segmentation fault after the work is done.
 */
export function keepLoaded(path: string): void {
  if (process.platform === 'win32') {
    ffi().load('kernel32.dll').func('void *__stdcall LoadLibraryW(str16 path)')(path);
  } else {
    ffi().load(null).func('void *dlopen(const char *path, int flags)')(path, constants.dlopen.RTLD_NOW);
  }
}
