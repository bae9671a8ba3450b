import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));

const manifestSchema = z.object({
  version: z.string(),
  bin: z.record(z.string(), z.string()),
  exports: z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())])),
  files: z.array(z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = manifestSchema.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));

/** A project that has installed the package. It is built here, so that the checkout stays as it is. */
const project = realpathSync(mkdtempSync(join(tmpdir(), 'siglip2-package-')));
const modules = join(project, 'node_modules');
const installed = join(modules, 'siglip2');
afterAll(() => rmSync(project, { recursive: true, force: true }), 60_000);

/** What npm would put there: the named files and the dependencies, and no development dependency. */
function install(): void {
  mkdirSync(installed, { recursive: true });
  for (const file of ['package.json', ...manifest.files.filter((name) => name !== 'dist')])
    cpSync(join(root, file), join(installed, file), { recursive: true });
  for (const name of Object.keys(manifest.dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
}

const write = (name: string, text: string): string => {
  writeFileSync(join(project, name), text);
  return join(project, name);
};

/** Runs Node in the project. */
const node = (...args: readonly string[]) => run(process.execPath, args, { cwd: project });
const siglip2 = (...args: readonly string[]) => node(join(installed, manifest.bin['siglip2']!), ...args);

beforeAll(async () => {
  install();
  await run('npm', ['run', '--silent', 'build', '--', '--outDir', join(installed, 'dist')], { cwd: root });
}, 300_000);

describe('the installed package', () => {
  it('has every file that package.json names', () => {
    const exported = Object.values(manifest.exports).flatMap((target) =>
      typeof target === 'string' ? [target] : Object.values(target),
    );
    const named = [...manifest.files, ...Object.values(manifest.bin), ...exported];
    expect(named.filter((file) => !existsSync(join(installed, file)))).toEqual([]);
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

  it('has types', async () => {
    const program = write(
      'program.ts',
      `import { load } from 'siglip2';
      import { compile } from 'siglip2/tensor';
      import { type ServeOptions, serve } from 'siglip2/server';
      export const port: ServeOptions['port'] = 0;
      export const functions = [load, compile, serve];
      // @ts-expect-error A name that were not found would be of any type.
      export const wrong: number = [load, compile, serve];`,
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--target', 'es2023'];
    const complaints = await node(tsc, ...options, program).then(
      () => '',
      (error: { stdout: string; stderr: string }) => `failed: ${error.stdout}${error.stderr}`,
    );
    expect(complaints).toBe('');
  }, 120_000);

  it('runs its compiled command line', async () => {
    expect((await siglip2('--version')).stdout).toBe(`${manifest.version}\n`);
  }, 60_000);

  it('evaluate says where the emoji data is', async () => {
    const failed = await siglip2('evaluate').catch((error: { code: number; stderr: string }) => error);
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringContaining('clone the repository') });
  }, 120_000);
});
