#!/usr/bin/env node
// The published package has the compiled command line; in a checkout the source runs as it is.
import { existsSync } from 'node:fs';

const compiled = new URL('../dist/cli/main.js', import.meta.url);
const source = new URL('../src/cli/main.ts', import.meta.url);
if (existsSync(source)) {
  const tsx = await import('tsx/esm/api').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  });
  if (tsx) {
    tsx.register();
    await import(source.href);
  } else {
    console.error('siglip2: the development packages are not installed; run `npm ci` in the checkout');
    process.exitCode = 1;
  }
} else {
  await import(compiled.href);
}
