import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parse } from 'csv-parse/sync';
import { parquetWriteFile } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownImports } from '../support/ownImports.ts';
import { picture, temporaryFolder } from './pictures.ts';
import { writeTar } from './sources/tar.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = temporaryFolder();

interface Block {
  readonly language: string;
  /** The file that the block shows, or of which it lists the members. */
  readonly path: string;
  readonly content: string;
}

const blocks: readonly Block[] = [
  ...readFileSync(join(root, 'docs/data.md'), 'utf8').matchAll(/```(\w+) ?(\S*)\n([\s\S]*?)```/g),
].map(([, language, path, content]) => ({ language: language!, path: path!, content: content! }));

const isImage = (path: string) => /\.(jpg|png|webp)$/.test(path);
const formatOf = (path: string) => (path.endsWith('.png') ? 'png' : path.endsWith('.webp') ? 'webp' : 'jpeg');
const linesOf = ({ content }: Block) => content.trim().split('\n');

/** Makes what the page shows: files as they stand there, images of the names that are listed. */
async function build(): Promise<void> {
  const write = (path: string, content: Uint8Array | string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  const shown = blocks.filter(({ path }) => path.includes('.'));
  for (const block of blocks.filter(({ path }) => path)) {
    if (block.path.endsWith('.tar')) {
      const members = await Promise.all(
        linesOf(block).map(async (name, i) => [
          name,
          isImage(name)
            ? await picture(i, formatOf(name))
            : shown.find(({ path }) => path === `${block.path}:${name}`)!.content,
        ]),
      );
      await writeTar(join(folder, block.path), Object.fromEntries(members));
    } else if (block.path.endsWith('.parquet')) await writeParquet(block);
    else if (block.path.includes('.tar:')) continue;
    else if (shown.includes(block)) write(block.path, block.content);
    else {
      for (const [i, path] of linesOf(block).entries())
        if (isImage(path)) write(path, await picture(i, formatOf(path)));
    }
  }
}

async function writeParquet({ path, content }: Block): Promise<void> {
  const [header, ...rows]: string[][] = parse(content);
  const columns = header!.map(async (name, column) =>
    name === 'jpg'
      ? {
          name,
          type: 'BYTE_ARRAY' as const,
          data: await Promise.all(rows.map(async (_, i) => new Uint8Array(await picture(i, 'jpeg')))),
        }
      : { name, type: 'STRING' as const, data: rows.map((row) => row[column]!) },
  );
  parquetWriteFile({ filename: join(folder, path), columnData: await Promise.all(columns) });
}

/** The values that an example says it prints: JSON behind `console.log(…); //`, several with `, then` between. */
const promisedBy = (source: string): unknown[] =>
  [...source.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].flatMap(([, values]) =>
    values!.split(', then ').map((value): unknown => JSON.parse(value)),
  );

describe('docs/data.md', () => {
  const before = process.cwd();
  beforeAll(async () => {
    await build();
    process.chdir(folder);
  });
  afterAll(() => process.chdir(before));

  it('lists files that are shown or made', () => {
    const listed = blocks.filter(({ language, path }) => language === 'text' && !path.includes('.'));
    expect(listed.length).toBeGreaterThan(2);
    for (const path of listed.flatMap(linesOf)) expect(existsSync(path), path).toBe(true);
  });

  it.each(blocks.filter(({ language }) => language === 'ts').map(({ content }, i) => [i, content]))(
    'example %i prints what it says',
    async (i, source) => {
      const file = join(folder, `example-${i}.ts`);
      writeFileSync(file, ownImports(source));
      const printed: unknown[] = [];
      const log = console.log;
      console.log = (value: unknown) => printed.push(value);
      try {
        await import(/* @vite-ignore */ pathToFileURL(file).href);
      } finally {
        console.log = log;
      }
      const promised = promisedBy(source);
      expect(promised.length).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(printed))).toEqual(promised);
    },
  );
});
