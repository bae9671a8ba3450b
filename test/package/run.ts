/**
 * Checks the package as others get it: `npm run check:package`. It packs a tarball, looks at it with publint and
 * are-the-types-wrong, installs it into an empty folder, runs it there, and type-checks programs that import all of its
 * subpaths with several versions of TypeScript. What needs the npm registry is skipped, and said so, where that is closed.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkTypes } from './checkTypes.ts';
import { command, ROOT, registryAnswers, tool } from './command.ts';
import { installEmpty } from './installEmpty.ts';
import { pack } from './pack.ts';

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'siglip2-tarball-')));
try {
  const tarball = pack(folder);
  command(tool('publint'), ['run', tarball, '--strict'], ROOT);
  command(tool('attw'), [tarball, '--profile', 'esm-only', '--format', 'table-flipped'], ROOT);
  if (registryAnswers()) {
    const project = installEmpty(tarball, folder);
    checkTypes(project);
  } else console.log('skipped: installing the tarball and its types (the npm registry does not answer)');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
