import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { unnamedTypes } from '../../scripts/docs/closedSignatures.ts';

const run = promisify(execFile);

/** Types without a public name. This list may only get shorter. */
const UNNAMED: readonly string[] = [];
const root = fileURLToPath(new URL('../..', import.meta.url));

const manifestSchema = z.object({
  version: z.string(),
  bin: z.record(z.string(), z.string()),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
});
const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** A project that has installed the package. It is built here, so that the checkout stays as it is. */
const project = realpathSync(mkdtempSync(join(tmpdir(), 'siglip2-package-')));
const modules = join(project, 'node_modules');
const installed = join(modules, 'siglip2');
afterAll(() => rmSync(project, { recursive: true, force: true }), 60_000);

const packSchema = z.array(z.object({ files: z.array(z.object({ path: z.string(), size: z.number() })) }));

/** What npm would pack of the checkout, but for what is compiled. */
async function packedFiles(): Promise<{ readonly path: string; readonly size: number }[]> {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await run('npm', args, { cwd: root, maxBuffer: 16 << 20 });
  return packSchema.parse(JSON.parse(stdout))[0]!.files.filter(({ path }) => !path.startsWith('dist/'));
}
let packed: Awaited<ReturnType<typeof packedFiles>> = [];

/** What npm would put there: the packed files and the dependencies, and no development dependency. */
function install(): void {
  mkdirSync(installed, { recursive: true });
  for (const { path } of packed) cpSync(join(root, path), join(installed, path), { recursive: true });
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
}

/** Files of the package that a page links to or shows. */
const linksOf = (page: string): string[] =>
  [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\((?!\w+:|#)([^)\s#]+)/g)].map((match) =>
    posix.join(posix.dirname(page), match[1]!),
  );

const write = (name: string, text: string): string => {
  writeFileSync(join(project, name), text);
  return join(project, name);
};

/** Runs Node in the project. */
const node = (...args: readonly string[]) => run(process.execPath, args, { cwd: project });
const siglip2 = (...args: readonly string[]) => node(join(installed, manifest.bin['siglip2']!), ...args);

beforeAll(async () => {
  packed = await packedFiles();
  install();
  await run('npm', ['run', '--silent', 'build', '--', '--outDir', join(installed, 'dist')], { cwd: root });
}, 300_000);

describe('the installed package', () => {
  it('has every file that package.json names', () => {
    const exported = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const named = [...Object.values(manifest.bin), ...exported];
    expect(named.filter((file) => !existsSync(join(installed, file)))).toEqual([]);
  });

  it('holds what its README and guides link to, and nothing that nobody reaches', () => {
    const paths = packed.map(({ path }) => path);
    const pages = paths.filter((path) => path.endsWith('.md') && !path.startsWith('models/'));
    expect(linksOf('README.md').filter((path) => !paths.includes(path))).toEqual([]);
    // Guides also name sources, which are in the repository alone.
    const linked = pages.flatMap(linksOf);
    expect(linked.filter((path) => /\.(md|png)$/.test(path) && !paths.includes(path))).toEqual([]);
    const reached = new Set(linked);
    const parts = /^(bin\/siglip2\.js|models\/emoji\/|web\/dist\/)/;
    const always = ['package.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md'];
    const shown = readFileSync(join(installed, 'README.md'), 'utf8');
    expect(
      paths.filter(
        (path) => !parts.test(path) && !always.includes(path) && !reached.has(path) && !shown.includes(path),
      ),
    ).toEqual([]);
  });

  it('has neither logs nor maps without their sources, and stays small', () => {
    const compiled = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    const all = [...packed.map(({ path }) => path), ...compiled];
    expect(all.filter((path) => /\.(jsonl|map|tsbuildinfo)$/.test(path))).toEqual([]);
    const bytes = packed.reduce((sum, { size }) => sum + size, 0);
    expect(bytes).toBeLessThan(24 * 2 ** 20);
  });

  it('exports what programs import, with no development dependency', async () => {
    const script = write(
      'program.mjs',
      `import { load } from 'siglip2';
      import { compile } from 'siglip2/tensor';
      import { serve } from 'siglip2/server';
      import manifest from 'siglip2/package.json' with { type: 'json' };
      const encoder = await load(undefined, { threads: 1 });
      const { shape } = await encoder.embedTexts(['otter']);
      await encoder.dispose();
      console.log(JSON.stringify([typeof compile, typeof serve, manifest.version, shape[0]]));`,
    );
    const { stdout } = await node('--no-warnings', script);
    expect(JSON.parse(stdout)).toEqual(['function', 'function', manifest.version, 1]);
  }, 120_000);

  it('gives every type that a public signature names a public name', () => {
    expect(unnamedTypes(join(installed, 'dist'))).toEqual(UNNAMED);
  });

  it('runs its compiled command line', async () => {
    expect((await siglip2('--version')).stdout).toBe(`${manifest.version}\n`);
  }, 60_000);

  // Of an installation, which has neither the repository nor development dependencies.
  it('says where the emoji data is, and what to install for a recipe in TypeScript', async () => {
    const recipe = write('recipe.ts', 'export default {}');
    const script = write(
      'commands.mjs',
      `import { run } from ${JSON.stringify(pathToFileURL(join(installed, 'dist/cli/run.js')).href)};
      for (const args of JSON.parse(process.argv[2])) {
        let stderr = '';
        const output = { isTTY: false, write: (text) => { stderr += text; } };
        const io = { stdout: output, stderr: output, stdin: (async function* () {})(), onInterrupt: () => () => {} };
        console.log(JSON.stringify({ code: await run(args, io), stderr }));
      }`,
    );
    const commands = [['evaluate'], ['train', recipe, '--run', join(project, 'run')]];
    const { stdout } = await node(script, JSON.stringify(commands));
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { code: 2, stderr: expect.stringContaining('clone the repository') },
      { code: 1, stderr: expect.stringContaining('run `npm install tsx`') },
    ]);
  }, 120_000);

  it('says how to install ONNX Runtime where npm left it out', async () => {
    rmSync(join(modules, 'onnxruntime-node'));
    const failed = await siglip2('embed', '--text', 'otter').catch((error: { stderr: string }) => error);
    expect(failed.stderr).toMatch(
      /^siglip2: .*ONNX Runtime is not installed.*`npm install --ignore-scripts`/,
    );
  }, 60_000);
});

describe('the checkout', () => {
  it('installs without the scripts of dependencies, none of which it needs, in npm 10 and 11', () => {
    const { allowScripts } = z
      .object({ allowScripts: z.record(z.string(), z.boolean()) })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    expect(allowScripts).toMatchObject({ 'onnxruntime-node': false });
    // npm 10 knows no allowScripts, but runs only the scripts that the lock file names. Take the line out by hand: npm
    // puts it back when the version changes.
    const { packages } = z
      .object({ packages: z.record(z.string(), z.object({ hasInstallScript: z.boolean().optional() })) })
      .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
    expect(packages['node_modules/onnxruntime-node']).toEqual({});
  });
});
