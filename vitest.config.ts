import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** This package by its name is its sources, as tsconfig.json says it for the compiler. */
const face = (name: string): string => join(import.meta.dirname, 'src', name, 'index.ts');

export default defineConfig({
  resolve: {
    alias: [
      { find: /^siglip2$/, replacement: face('') },
      { find: /^siglip2\/(\w+)$/, replacement: face('$1') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/builtPage.ts'],
    setupFiles: ['test/support/equalBytes.ts'],
    testTimeout: 60_000,
    // Native code with its own thread pool: one test file per process, two at a time.
    pool: 'forks',
    maxWorkers: 2,
  },
});
