import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { temporaryFolder } from '../temporary.ts';

const CHILD = join(import.meta.dirname, 'loadRecipesChild.mjs');
const root = temporaryFolder();

/** What a recipe tells by failing to prepare: that its imports and its types were understood. */
const body = (typed: boolean): string => `
import ${typed ? '{ type Recipe, PAPER_OPTIMIZER }' : '{ PAPER_OPTIMIZER }'} from 'siglip2';
import { float32 } from 'siglip2/tensor';
import { helper } from './helper.js';
const recipe${typed ? ': Recipe' : ''} = {
  name: 'probe', description: 'A recipe that lies anywhere.', saveEvery: 1,
  async prepare() { throw new Error([PAPER_OPTIMIZER.beta1, typeof float32, helper].join(' ')); },
};
export default recipe;
`;

/** Folders by the package.json in them. */
const FOLDERS = { none: undefined, commonjs: { type: 'commonjs' }, module: { type: 'module' } } as const;
const EXTENSIONS = ['ts', 'mts', 'js', 'mjs'] as const;

function writeRecipes(folder: string): string[] {
  writeFileSync(join(folder, 'helper.js'), `export const helper = 'helped';`);
  return EXTENSIONS.map((extension) => {
    const path = join(folder, `from-${extension}.${extension}`);
    writeFileSync(path, body(extension.endsWith('ts')));
    return path;
  });
}

function load(paths: readonly string[]): string[] {
  const output = execFileSync(process.execPath, [CHILD, ...paths], { encoding: 'utf8' });
  return z.array(z.string()).parse(JSON.parse(output));
}

/** CommonJS resolves names by itself: what it requires is installed, and this package it may import when it prepares. */
const COMMON = `module.exports = { name: 'common', description: 'd', saveEvery: 1, async prepare() {
  throw new Error(typeof (await import('siglip2')).PAPER_OPTIMIZER);
} };`;

it('loads recipes wherever they lie, with this package by its name', () => {
  const common = join(root, 'recipe.cjs');
  writeFileSync(common, COMMON);
  const paths = Object.entries(FOLDERS).flatMap(([name, manifest]) => {
    const folder = join(root, name);
    mkdirSync(folder);
    if (manifest) writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    return writeRecipes(folder);
  });
  expect(load([...paths, common])).toEqual([
    ...paths.map(() => 'probe: 0.9 function helped'),
    'common: object',
  ]);
});

it('says what a recipe may be, and what one that is not found imports', () => {
  const [text, missing, old] = ['recipe.txt', 'missing.ts', 'old.mjs'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(text, body(false));
  writeFileSync(missing, `import 'no-such-package'; export default {};`);
  const fields = `name: 'old', description: 'd', saveEvery: 1, timeline: { segments: [] }`;
  writeFileSync(old, `export default { ${fields}, async prepare() {} };`);
  expect(load([text, missing, old])).toEqual([
    `${text}: is no recipe module; expected a file that ends in .ts, .mts, .js, .mjs, .cjs`,
    expect.stringMatching(/missing\.ts: imports what is not there \(Cannot find package 'no-such-package'/),
    `${old}: the default export is no Recipe: timeline: its field segments is now called stages: rename it`,
  ]);
});
