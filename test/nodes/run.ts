/**
 * Runs check.ts under several versions of Node.js, and embeds in Bun and Deno; all of them come from npm. `npm run
 * test:nodes`, or `npm run test:nodes -- 22 bun` for some. They are kept in the temporary folder (about 100 MB each).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fetchPackage, ROOT, WINDOWS } from './fetchPackage.ts';
import { embedsAsNode, isRuntime } from './runtimes.ts';

/** The oldest that package.json allows, the versions with long support since, and the newest; then who else runs it. */
const ALL = ['20.19', '22', '24', '25', 'bun', 'deno'];
const CHECK = join(import.meta.dirname, 'check.ts');

/** The binary of a version of Node.js. */
function nodeOf(version: string): string {
  const name = `node-${WINDOWS ? 'win' : process.platform}-${process.arch}`;
  return join(fetchPackage(name, version), name, 'bin', WINDOWS ? 'node.exe' : 'node');
}

function passes(version: string): boolean {
  if (isRuntime(version)) return embedsAsNode(version);
  const { status } = spawnSync(nodeOf(version), ['--expose-gc', '--import', 'tsx', CHECK], {
    stdio: 'inherit',
    cwd: ROOT,
  });
  return status === 0;
}

const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : ALL).filter((version) => !passes(version));
for (const version of failed) console.error(`${isRuntime(version) ? '' : 'Node.js '}${version}: failed`);
process.exitCode = failed.length > 0 ? 1 : 0;
