import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { attempt, command, ROOT } from './command.ts';

/** The oldest that docs/install.md promises, the last that was written in TypeScript, and the newest. */
const VERSIONS = ['5.4', '5.9', '7.0'];

const RESOLUTIONS: Readonly<Record<string, readonly string[]>> = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler'],
};

const exportsSchema = z.object({ exports: z.record(z.string(), z.unknown()) });

/** `siglip2`, `siglip2/data` … */
function subpaths(): string[] {
  const { exports } = exportsSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  return Object.keys(exports)
    .filter((path) => !path.endsWith('.json'))
    .map((path) => `siglip2${path.slice(1)}`);
}

/** A program that imports every subpath; a name that were not found would be of any type, and fits everywhere. */
const programText = (): string =>
  [
    ...subpaths().map((path, i) => `import * as part${i} from '${path}';`),
    ...subpaths().map((_, i) => `// @ts-expect-error\nexport const wrong${i}: number = part${i};`),
    "import { load } from 'siglip2';",
    "import { serve, type ServeOptions } from 'siglip2/server';",
    'export const port: ServeOptions["port"] = 0;',
    'export async function labels(): Promise<string[]> {',
    '  const encoder = await load();',
    "  const [best] = await encoder.classify(['a.png'], ['otter']);",
    '  // @ts-expect-error',
    '  serve(1);',
    '  return best!.map(({ label }) => label);',
    '}',
  ].join('\n');

/** The compiler of a version, fetched where it is not there yet; kept in the temporary folder (23 MB each). */
function compiler(version: string): string {
  const folder = join(tmpdir(), 'siglip2-typescript', version);
  const file = join(folder, 'node_modules/typescript/bin/tsc');
  const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  if (!existsSync(file)) command('npm', [...args, `typescript@${version}`], tmpdir());
  return file;
}

/**
 * Type-checks a program in a project that has the package installed, with its declarations: whoever checks libraries
 * (`skipLibCheck: false`) has to find nothing in them. Complaints about other packages are theirs.
 * @throws Error with the complaints
 */
export function checkTypes(project: string): void {
  command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '@types/node@20'], project);
  writeFileSync(join(project, 'program.ts'), `${programText()}\n`);
  for (const version of VERSIONS)
    for (const [name, options] of Object.entries(RESOLUTIONS)) {
      const args = [
        '--noEmit',
        '--strict',
        '--target',
        'es2022',
        '--lib',
        'es2023,esnext.disposable',
        '--types',
        'node',
      ];
      const tsc = [compiler(version), ...args, ...options, '--pretty', 'false', 'program.ts'];
      const { output } = attempt(process.execPath, tsc, project);
      const complaints = output
        .split('\n')
        .filter(
          (line) =>
            /error TS/.test(line) &&
            (!line.includes('node_modules/') || line.includes('node_modules/siglip2/')),
        );
      if (complaints.length > 0)
        throw new Error(
          `TypeScript ${version}, ${name}: ${complaints.length} complaints\n${complaints.slice(0, 20).join('\n')}`,
        );
      console.log(`ok: types by TypeScript ${version}, ${name}`);
    }
}
