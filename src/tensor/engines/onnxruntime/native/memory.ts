import type { NativeApi, Pointer } from './api.ts';
import { ffi } from './ffi.ts';

/** Bytes that stay where they are while native code holds `address`: as long as this object is reachable. */
export interface Pinned {
  readonly address: Pointer;
  readonly view: ArrayBufferView;
}

// An empty view has no address of its own, and the runtime refuses a null pointer.
const EMPTY = new Uint8Array(8);

/** The address of a view's first byte. Its buffer may be pooled, shared, and start anywhere. */
export function pin(view: ArrayBufferView): Pinned {
  if (view.byteLength === 0) return { address: ffi().address(EMPTY), view: EMPTY };
  // V8 keeps small arrays inside its moving heap until `buffer` is asked for.
  void view.buffer;
  return { address: ffi().address(view), view };
}

/** Zero-terminated strings and the array of their addresses (`const char *const *`). */
export interface StringArray extends Pinned {
  readonly strings: readonly Pinned[];
}

/** Puts strings where native code can read them. */
export function pinStrings(strings: readonly string[]): StringArray {
  const pinned = strings.map((text) => pin(Buffer.from(`${text}\0`, 'utf8')));
  return { ...pin(BigUint64Array.from(pinned, (p) => p.address)), strings: pinned };
}

/** Reads the zero-terminated string at a pointer. */
export const readString = (pointer: Pointer): string => ffi().decode.string(pointer);

/** Reads `count` pointers. */
export const readPointers = (pointer: Pointer, count: number): Pointer[] =>
  ffi().decode(pointer, 'void *', count);

/** Copies bytes out of native memory. */
export const copyBytes = (pointer: Pointer, length: number): Uint8Array =>
  new Uint8Array(ffi().view(pointer, length)).slice();

/** Reads a string that the runtime's default allocator made, and frees it. */
export function takeString(api: NativeApi, pointer: Pointer): string {
  const text = readString(pointer);
  api.call('AllocatorFree', api.out('GetAllocatorWithDefaultOptions'), pointer);
  return text;
}
