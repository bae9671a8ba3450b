import { defineConfig } from 'vitest/config';

export default defineConfig({
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
