import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Folders that are not the repository's own: packages, and what the README's and the guides' commands write. */
const NOT_OURS = new Set(['node_modules', 'dist', 'out', 'runs']);

/** What a guide tells the reader to write. */
const PLACEHOLDERS = new Set(['recipes/yours.ts']);

/** Folders of the repository in one of its folders. */
const foldersIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NOT_OURS.has(entry.name))
    .map(({ name }) => name);

/** Markdown files at and below a folder. */
const documentsIn = (folder: string): string[] => [
  ...readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
  ...foldersIn(folder).flatMap((name) => documentsIn(join(folder, name))),
];

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A document without its fenced code: shell and program examples name files of the reader's own. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '');

/** Targets of links and pictures that are not on the web. */
const localLinks = (text: string): string[] =>
  [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1]!)
    .filter((target) => !/^[a-z]+:/i.test(target));

/** The anchor that a heading has on GitHub. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const anchors = (text: string): Set<string> =>
  new Set([...prose(text).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!)));

/** Paths that are written in backticks, alone or in a command, and begin with a folder of the repository's root. */
function namedPaths(text: string): string[] {
  const folders = foldersIn('.');
  return [...prose(text).matchAll(/`([^`\n]+)`/g)]
    .flatMap((match) => match[1]!.split(/\s+/))
    .filter((word) => /^[\w./-]+$/.test(word) && folders.some((name) => word.startsWith(`${name}/`)))
    .filter((word) => !PLACEHOLDERS.has(word));
}

function broken(document: string, target: string): boolean {
  const [path, anchor] = target.split('#') as [string, string | undefined];
  const file = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, file))) return true;
  return anchor !== undefined && file.endsWith('.md') && !anchors(read(file)).has(anchor);
}

describe('documents', () => {
  it('links, anchors and paths are found in a text', () => {
    const text =
      '# On *a* GPU, `x`\n[a](b.md#c) ![d](e.png) [f](https://g) `test/h.ts`\n```sh\n[i](j)\n```\n';
    expect(localLinks(text)).toEqual(['b.md#c', 'e.png']);
    expect([...anchors(text)]).toEqual(['on-a-gpu-x']);
    expect(namedPaths(text)).toEqual(['test/h.ts']);
    expect(namedPaths('`npx tsx bench/a.ts --b`, `google/c`')).toEqual(['bench/a.ts']);
  });

  it.each(documentsIn('.'))('%s links to what there is', (document) => {
    expect(localLinks(read(document)).filter((target) => broken(document, target))).toEqual([]);
  });

  it.each(documentsIn('.'))('%s names files that there are', (document) => {
    expect(namedPaths(read(document)).filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
