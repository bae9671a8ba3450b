import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { run } from '../src/cli/run.ts';
import { EMBEDDED_MODEL } from '../src/encoder/embeddedModel.ts';
import { load } from '../src/encoder/load.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'siglip2-docs-'));
vi.stubEnv('SIGLIP2_COLLECTIONS', join(folder, 'collections'));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

/** Fenced blocks of a language in a Markdown file. */
const blocks = (file: string, language: string): string[] =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'),
    ),
  ].map((match) => match[1]!);

/** A command line as a shell splits it: words and double-quoted strings. */
const words = (line: string): string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2]!);

/** README commands that need the network, a terminal, or hours: they are tested elsewhere, by name. */
const ELSEWHERE = /google\/|serve|siglip2 train|siglip2 evaluate$/;

const commands = blocks('README.md', 'sh')
  .flatMap((block) => block.split('\n'))
  .map((line) => line.replace(/\s+#.*$/, ''))
  .filter((line) => line.startsWith('npx siglip2 ') && !ELSEWHERE.test(line));

async function* noInput(): AsyncGenerator<string> {}

describe('README', () => {
  it('has commands and examples to run', () => {
    expect(commands.length).toBeGreaterThan(2);
    expect(blocks('README.md', 'ts').length).toBeGreaterThan(0);
    expect(existsSync(EMBEDDED_MODEL)).toBe(true);
  });

  it.each(commands)('%s', async (line) => {
    const args = words(line)
      .slice(2)
      .map((word) => word.replace(/^out\//, `${folder}/`));
    const written: string[] = [];
    const output = { isTTY: false, write: (text: string) => written.push(text) };
    const code = await run(args, {
      stdout: output,
      stderr: output,
      stdin: noInput(),
      onInterrupt: () => () => {},
    });
    expect(code, written.join('')).toBe(0);
  });

  it('names its pictures right', async () => {
    const encoder = await load();
    const labels = ['fire engine', 'T-Rex', 'taxi'];
    const [taxi, rex] = await encoder.classify(
      ['docs/taxi.png', 'docs/trex.png'].map((file) => join(root, file)),
      labels,
    );
    await encoder.dispose();
    expect([taxi?.[0]?.label, rex?.[0]?.label]).toEqual(['taxi', 'T-Rex']);
    // An example whose best answer is a few percent puzzles whoever reads it.
    expect(Math.min(taxi![0]!.probability, rex![0]!.probability)).toBeGreaterThan(0.5);
  });

  it.each(blocks('README.md', 'ts'))('example %#', async (source) => {
    // The example imports the package by name; here that is the source.
    const entry = pathToFileURL(join(root, 'src/index.ts')).href;
    const file = join(folder, `example-${Math.random().toString(36).slice(2)}.ts`);
    writeFileSync(file, source.replaceAll("'siglip2'", JSON.stringify(entry)));
    const printed: unknown[] = [];
    const log = console.log;
    console.log = (...values: unknown[]) => printed.push(...values);
    try {
      await import(/* @vite-ignore */ pathToFileURL(file).href);
    } finally {
      console.log = log;
    }
    expect(printed.length).toBeGreaterThan(0);
  });
});
