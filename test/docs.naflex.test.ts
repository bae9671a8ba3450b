import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { imageGraph } from '../src/encoder/towers/graphs.ts';
import { naflexSize } from '../src/input/image/naflex/naflexSize.ts';
import { variantConfig } from '../src/model/variants.ts';
import { graphFlops } from '../src/tensor/cost/flops.ts';
import { IMAGES, saveTinyModel } from './cli/models.ts';
import { cli } from './cli/testIo.ts';
import { writeTar } from './data/sources/tar.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const guide = read('docs/naflex.md');
const folder = mkdtempSync(join(tmpdir(), 'siglip2-naflex-docs-'));
const before = process.cwd();

const commands = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap((match) =>
  match[1]!.trim().split('\n'),
);

/** A command line as a shell splits it: words and double-quoted strings. */
const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

beforeAll(async () => {
  process.chdir(folder);
  const picture = readFileSync(IMAGES[0]!);
  for (const path of ['photos', 'classes/cat', 'classes/dog', 'shards']) mkdirSync(path, { recursive: true });
  for (const name of ['photos/receipt.png', 'photos/b.png']) writeFileSync(name, picture);
  for (const kind of ['cat', 'dog'])
    for (const i of [0, 1, 2]) writeFileSync(`classes/${kind}/${i}.png`, readFileSync(IMAGES[i]!));
  await writeTar('shards/000.tar', { 'x.png': picture, 'x.txt': 'a man and a cat' });
  await saveTinyModel('tiny-naflex', 'naflex');
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true, force: true });
});

describe('docs/naflex.md', () => {
  it('has commands', () => expect(commands.length).toBeGreaterThan(7));

  // The model of the page needs the network: a tiny one of its kind stands for it.
  it.each(commands)('%s', async (line) => {
    const local = line.replace('google/siglip2-base-patch16-naflex', 'tiny-naflex');
    const [npx, program, ...args] = words(local);
    expect([npx, program]).toEqual(['npx', 'siglip2']);
    const port = args[0] === 'serve' ? ['--port', '0'] : [];
    const { code, err } = await cli(
      [...args, ...port, ...(args[0] === 'export' ? [] : ['--threads', '1'])],
      // A server answers until it is stopped.
      args[0] === 'serve' ? { onListening: (interrupt) => interrupt() } : {},
    );
    expect(code, err).toBe(0);
  });

  it('counts the operations of each row', () => {
    const rows = [...guide.matchAll(/^\| (\d+) \| (\d+) px \| (\d+) \| (\d+) \|/gm)].map((row) =>
      row.slice(1).map(Number),
    );
    expect(rows).toHaveLength(5);
    const gigaflops = (name: string, patches: number) =>
      Math.round(graphFlops(Object.values(imageGraph(variantConfig(name), patches).outputs), 1) / 1e9);
    for (const [patches, side, base, so400m] of rows) {
      expect(naflexSize(1000, 1000, 16, patches!)).toEqual({ height: side, width: side });
      expect(gigaflops('google/siglip2-base-patch16-naflex', patches!)).toBe(base);
      expect(gigaflops('google/siglip2-so400m-patch16-naflex', patches!)).toBe(so400m);
    }
  });

  it('shows Python that the parity script runs', () => {
    const lines = /```python\n([\s\S]*?)```/.exec(guide)![1]!.trim().split('\n');
    const script = read('parity/naflex.py');
    for (const line of lines) expect(script).toContain(line.replace(/ {2}#.*$/, ''));
  });
});
