import { readdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { defineConfig } from 'vitest/config';
import SlowFirst from './test/support/slowFirst.ts';

/** This package by its name is its sources, as tsconfig.json says it for the compiler. */
const face = (name: string): string => join(import.meta.dirname, 'src', name, 'index.ts');

/**
 * Tests that change nothing of their process: their files share two processes, and with them what they import, which is a
 * third of such a file's time. All others have a process to themselves.
 */
const SHARED = [
  ...['tensor', 'nn', 'model', 'input', 'checkpoint', 'encoder', 'data', 'evaluate', 'train', 'search'],
  ...['server', 'cli', 'datasets', 'recipes', 'extending', 'settings', 'bench'],
];

/**
 * Among them, those that mock modules, change the environment or load modules another way, and those that measure the
 * memory of their process or what it holds.
 */
const ALONE = [
  /^(tensor\/engines|checkpoint\/(hub|files)|search\/stores|cli\/train)\//,
  /[mM]emory[^/]*$/,
  /^data\/(docs|sources\/webdataset)\./,
  /^search\/pictures\/(heic|videoReader)\./,
  /^(server\/serve|extending\/parts)\./,
  /^cli\/(bulk\/(bulk|dataSets)|search\/collectionOptions|paperRecipes)\./,
];

const shared = readdirSync(join(import.meta.dirname, 'test'), { recursive: true, encoding: 'utf8' })
  .map((path) => path.split(sep).join('/'))
  .filter((path) => path.endsWith('.test.ts') && SHARED.some((folder) => path.startsWith(`${folder}/`)))
  .filter((path) => !ALONE.some((pattern) => pattern.test(path)))
  .map((path) => `test/${path}`);

export default defineConfig({
  resolve: {
    alias: [
      { find: /^siglip2$/, replacement: face('') },
      { find: /^siglip2\/(\w+)$/, replacement: face('$1') },
    ],
  },
  test: {
    globalSetup: ['test/support/builtPage.ts', 'test/support/postgres/oncePerRun.ts'],
    setupFiles: ['test/support/equalBytes.ts'],
    testTimeout: 60_000,
    // Native code with its own thread pool: two processes at a time.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: SlowFirst },
    projects: [
      { extends: true, test: { name: 'shared', include: shared, isolate: false } },
      { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: shared } },
    ],
  },
});
