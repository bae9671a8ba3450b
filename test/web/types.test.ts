import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const path = (relative: string): string => fileURLToPath(new URL(`../../${relative}`, import.meta.url));

it('the page’s scripts are well typed', () => {
  // Their own project: they run in a browser, and as they are.
  const compiler = path('node_modules/typescript/bin/tsc');
  expect(() =>
    execFileSync(process.execPath, [compiler, '-p', path('web/tsconfig.json')], { stdio: 'inherit' }),
  ).not.toThrow();
});
