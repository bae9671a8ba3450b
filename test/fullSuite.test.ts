import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as data from '../src/data/index.ts';
import * as evaluate from '../src/evaluate/index.ts';
import * as siglip2 from '../src/index.ts';
import * as search from '../src/search/index.ts';
import * as server from '../src/server/index.ts';
import * as tensor from '../src/tensor/index.ts';
import * as train from '../src/train/index.ts';
import { cli } from './cli/testIo.ts';
import { COMMANDS, FUNCTION_FILES, NOT_CALLED } from './full/support/covered.ts';

const FACES: readonly object[] = [siglip2, data, evaluate, search, server, tensor, train];

const read = (file: string) => readFileSync(join(import.meta.dirname, 'full', file), 'utf8');

const isClass = (value: unknown): boolean => /^class\b/.test(String(value));

it('every command is run by the full suite', async () => {
  const { out } = await cli(['--help']);
  const commands = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name!);
  expect(Object.keys(COMMANDS).sort()).toEqual(commands.filter((name) => name !== 'help').sort());
  for (const [command, file] of Object.entries(COMMANDS))
    expect(read(`${file}.full.ts`), file).toMatch(new RegExp(`['"]${command}['"]`));
});

it('every public function is called by the full suite, or the reason is listed', () => {
  const functions = FACES.flatMap((face) => Object.entries(face)).filter(
    ([, value]) => typeof value === 'function' && !isClass(value),
  );
  expect(new Set(functions.map(([name]) => name)).size).toBeGreaterThan(250);
  const text = FUNCTION_FILES.map(read).join('\n');
  const isCalled = (name: string) => new RegExp(`\\b${name}\\(`).test(text);
  // A function with an old name too is called by either.
  const called = new Set(functions.filter(([name]) => isCalled(name)).map(([, value]) => value));
  const missing = functions.filter(([, value]) => !called.has(value)).map(([name]) => name);
  expect([...new Set(missing)].sort()).toEqual(Object.values(NOT_CALLED).flat().sort());
});
