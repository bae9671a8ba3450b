/**
 * Runs check.ts under several versions of Node.js, whose binaries come from npm: `npm run test:nodes`, or
 * `npm run test:nodes -- 22 25` for some. They are kept in the temporary folder (about 110 MB each).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The oldest that package.json allows, the versions with long support since, and the newest. */
const VERSIONS = ['20', '22', '24', '25'];
const CHECK = join(import.meta.dirname, 'check.ts');
const WINDOWS = process.platform === 'win32';

/** The binary of a version, fetched where it is not there yet. */
function binaryOf(version: string): string {
  const name = `node-${WINDOWS ? 'win' : process.platform}-${process.arch}`;
  const folder = join(tmpdir(), 'siglip2-nodes', version);
  const binary = join(folder, 'node_modules', name, 'bin', WINDOWS ? 'node.exe' : 'node');
  if (!existsSync(binary)) {
    const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
    const { status } = spawnSync('npm', [...args, `${name}@${version}`], {
      stdio: 'inherit',
      shell: WINDOWS,
    });
    if (status !== 0 || !existsSync(binary)) throw new Error(`npm did not install ${name}@${version}`);
  }
  return binary;
}

const asked = process.argv.slice(2);
const failed = (asked.length > 0 ? asked : VERSIONS).filter((version) => {
  const { status } = spawnSync(binaryOf(version), ['--expose-gc', '--import', 'tsx', CHECK], {
    stdio: 'inherit',
    cwd: join(import.meta.dirname, '../..'),
  });
  if (status !== 0) console.error(`Node.js ${version}: failed (${status})`);
  return status !== 0;
});
process.exitCode = failed.length > 0 ? 1 : 0;
