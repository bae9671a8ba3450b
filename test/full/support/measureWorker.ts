import { afterAll, expect } from 'vitest';
import { LIMIT_GB, notePeak, ownPeak } from './memory.ts';

// A test file has a process of its own, in which it calls the library.
afterAll(() => {
  const peak = ownPeak();
  const file = expect.getState().testPath?.split('/').at(-1) ?? 'a test file';
  notePeak(file, peak);
  expect(peak, `GB of memory of ${file}`).toBeLessThan(LIMIT_GB);
});
