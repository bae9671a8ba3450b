import { ffi } from './engines/onnxruntime/native/ffi.ts';

/** Names of glibc's settings (`malloc.h`). */
const M_MMAP_THRESHOLD = -3;
const M_ARENA_MAX = -8;

/** From this size on a block of memory is the system's own, and goes back to it when it is freed. */
const LARGE_BLOCK = 512 * 2 ** 10;
/** Heaps that threads share. */
const ARENAS = 2;

/**
 * Makes the C library give memory back. glibc gives each thread a heap of its own, up to eight for each core, which keep
 * what one large picture took, and moves the size from which blocks go back to the system up to 32 MB: after an hour of
 * pictures a server holds twice the memory that it uses. Set before the threads of the decoders start. No other C library
 * does this, and on those, and where there is no foreign function interface, nothing is set.
 * @returns whether it is set
 */
export function returnMemory(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const mallopt = ffi().load('libc.so.6').func('int mallopt(int parameter, int value)');
    const set = (parameter: number, value: number): boolean => mallopt(parameter, value) === 1;
    return set(M_ARENA_MAX, ARENAS) && set(M_MMAP_THRESHOLD, LARGE_BLOCK);
  } catch {
    // Another C library, or no binary of the interface.
    return false;
  }
}
