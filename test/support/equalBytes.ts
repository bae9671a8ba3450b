/**
 * Arrays of numbers of one type with the same bytes are equal: vitest looks at one element after the other otherwise,
 * which takes seconds for a megabyte. Arrays that differ are left to it, and to its report.
 * @module
 */
import { expect } from 'vitest';

const bytesOf = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

expect.addEqualityTesters([
  (a: unknown, b: unknown): boolean | undefined => {
    if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return undefined;
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || a.byteLength !== b.byteLength)
      return undefined;
    return bytesOf(a).equals(bytesOf(b)) ? true : undefined;
  },
]);
