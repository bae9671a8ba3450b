import { defineConfig } from 'vitest/config';

/** Every command at the sizes of the released checkpoints: minutes, gigabytes, one file at a time. */
export default defineConfig({
  test: {
    include: ['test/full/**/*.full.ts'],
    globalSetup: [
      'test/support/builtPage.ts',
      'test/support/postgres/oncePerRun.ts',
      'test/full/support/globalSetup.ts',
    ],
    setupFiles: ['test/support/equalBytes.ts', 'test/full/support/measureWorker.ts'],
    testTimeout: 1_200_000,
    hookTimeout: 600_000,
    teardownTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
