import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cli } from '../cli/testIo.ts';
import { ownImports } from '../support/ownImports.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/training.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'siglip2-training-docs-'));
const before = process.cwd();

beforeAll(() => {
  const source = /```ts tiny\.ts\n([\s\S]*?)```/.exec(page)![1]!;
  writeFileSync(join(folder, 'tiny.ts'), ownImports(source));
  mkdirSync(join(folder, 'photos'));
  for (const [from, name] of [
    ['taxi.png', 'cat.jpg'],
    ['trex.png', 'dog.jpg'],
  ] as const) {
    copyFileSync(join(root, 'docs', from), join(folder, 'photos', name));
    writeFileSync(join(folder, 'photos', name.replace('.jpg', '.txt')), `a ${name}`);
  }
  writeFileSync(join(folder, 'photos/torn.jpg'), 'no image');
  writeFileSync(join(folder, 'photos/torn.txt'), 'a picture that was lost');
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

const commands = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) => match[1]!.trim().split('\n'));

it('docs/training.md: the recipe and every command work', async () => {
  expect(commands).toHaveLength(4);
  const printed: string[] = [];
  const noted: string[] = [];
  for (const command of commands) {
    const [, , name, ...rest] = command.split(/\s+/);
    const threads = name === 'report' ? [] : ['--threads', '1'];
    const { code, out, err } = await cli([name!, ...rest, ...threads]);
    expect(code, err).toBe(0);
    printed.push(out);
    noted.push(err);
  }
  expect(printed[0]).toMatch(/naflex +first/);
  expect(noted[1]).toMatch(
    / bad samples\n[\s\S]*\d of \d+ samples are bad:\n {2}undecodable: \d+\n {4}photos: torn\.jpg: /,
  );
  expect(existsSync(join(folder, 'out/tiny/models/naflex/decoder.safetensors'))).toBe(true);
  expect(printed[2]).toContain('report.html');
}, 300_000);
