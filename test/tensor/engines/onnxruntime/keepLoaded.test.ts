import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ffi } from '../../../../src/tensor/engines/onnxruntime/native/ffi.ts';
import { keepLoaded } from '../../../../src/tensor/engines/onnxruntime/native/keepLoaded.ts';
import { libraryPath } from '../../../../src/tensor/engines/onnxruntime/native/library.ts';

// Only Linux tells a process what it has loaded.
it.runIf(process.platform === 'linux')('a kept library outlives the handle it was loaded by', () => {
  const isLoaded = () => readFileSync('/proc/self/maps', 'utf8').includes(libraryPath());
  ffi().load(libraryPath()).unload();
  expect(isLoaded()).toBe(false);
  const handle = ffi().load(libraryPath());
  keepLoaded(libraryPath());
  handle.unload();
  expect(isLoaded()).toBe(true);
});
