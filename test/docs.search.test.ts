import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { saveTinyModel } from './cli/models.ts';
import { cli } from './cli/testIo.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'siglip2-search-docs-'));
const before = process.cwd();
const page = readFileSync(join(root, 'docs/search.md'), 'utf8');

const blocks = (language: string): string[] =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]!);

const commands = blocks('sh').flatMap((block) => block.trim().split('\n'));

/** Commands that name no model; the others take that of the collection. A small one is enough to show that they run. */
const NAMES_NO_MODEL = /^npx siglip2 (index|heatmap|tag photos)/;

/** A command line as a shell splits it: words and double-quoted strings. */
const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

beforeAll(async () => {
  process.chdir(folder);
  vi.stubEnv('SIGLIP2_COLLECTIONS', join(folder, 'collections'));
  for (const name of ['photos', 'scans']) mkdirSync(name);
  const taxi = sharp(join(root, 'docs/taxi.png')).resize(96, 96).flatten({ background: 'white' });
  for (const [name, hue] of Object.entries({ beach: 0, sofa: 90, street: 180 }))
    await taxi.clone().modulate({ hue }).jpeg().toFile(`photos/${name}.jpg`);
  writeFileSync('scans/page.jpg', readFileSync('photos/beach.jpg'));
  await saveTinyModel('model');
  writeFileSync('labels.txt', 'taxi\nT-Rex\n');
});
afterAll(() => {
  vi.unstubAllEnvs();
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

it('docs/search.md has commands and an example', () => {
  expect(commands.length).toBeGreaterThan(14);
  expect(blocks('ts').length).toBe(1);
});

it.each(commands)('%s', async (line) => {
  const [npx, program, ...args] = words(line);
  expect([npx, program]).toEqual(['npx', 'siglip2']);
  const { code, err } = await cli(NAMES_NO_MODEL.test(line) ? [...args, '--model', 'model'] : args);
  expect(code, err).toBe(0);
});

it('the example of a program finds pictures', async () => {
  const file = join(folder, 'example.ts');
  const at = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
  const [source = ''] = blocks('ts');
  writeFileSync(
    file,
    source
      .replace("'siglip2/search'", at('src/search/index.ts'))
      .replace("'siglip2'", at('src/index.ts'))
      .replace('load()', "load('model')"),
  );
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(/* @vite-ignore */ pathToFileURL(file).href);
  expect(log.mock.calls[0]?.[0]).toHaveLength(3);
  log.mockRestore();
});
