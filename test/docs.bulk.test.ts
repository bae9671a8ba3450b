import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { IMAGES, saveTinyModel } from './cli/models.ts';
import { saveScriptedDecoder } from './cli/scriptedDecoder.ts';
import { cli } from './cli/testIo.ts';
import { writeTar } from './data/sources/tar.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'siglip2-bulk-docs-'));
const before = process.cwd();
const picture = readFileSync(IMAGES[0]!);

const commands = [
  ...readFileSync(join(root, 'docs/bulk.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g),
].flatMap((match) => match[1]!.trim().split('\n'));

/** A command line as a shell splits it: words and double-quoted strings. */
const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

beforeAll(async () => {
  process.chdir(folder);
  mkdirSync('photos/below', { recursive: true });
  mkdirSync('shards');
  for (const name of ['a.png', 'b.png', 'below/c.png']) writeFileSync(join('photos', name), picture);
  writeFileSync('list.txt', 'photos/a.png\nphotos/below\n');
  for (const shard of ['000', '001'])
    await writeTar(`shards/${shard}.tar`, { 'x.png': picture, 'x.txt': 'a man and a cat' });
  parquetWriteFile({
    filename: 'table.parquet',
    columnData: [{ name: 'image', type: 'BYTE_ARRAY', data: [new Uint8Array(picture)] }],
  });
  await saveTinyModel('runs/mine/model');
  await saveScriptedDecoder('runs/mine/model', [{ question: { task: 'captioning' }, answer: ' a cat' }]);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

it('docs/bulk.md has commands', () => expect(commands.length).toBeGreaterThan(8));

it.each(commands)('%s', async (line) => {
  const [command, stdin] = line.split(' < ');
  const [npx, program, ...args] = words(command!);
  expect([npx, program]).toEqual(['npx', 'siglip2']);
  const { code, out, err } = await cli(
    args,
    stdin === undefined ? {} : { stdin: readFileSync(stdin, 'utf8') },
  );
  expect(code, err).toBe(0);
  expect(out).not.toBe('');
});
