import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const WINDOWS = process.platform === 'win32';

/** The checkout. */
export const ROOT = join(import.meta.dirname, '../..');

/**
 * Installs a package that brings a binary into the temporary folder, once.
 * @returns the folder of packages in which it is
 */
export function fetchPackage(name: string, version: string): string {
  const folder = join(tmpdir(), 'siglip2-nodes', `${name}-${version}`);
  const modules = join(folder, 'node_modules');
  if (!existsSync(join(modules, name))) {
    const args = ['install', '--prefix', folder, '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
    const all = [...args, '--ignore-scripts', `${name}@${version}`];
    const { status } = spawnSync('npm', all, { stdio: 'inherit', shell: WINDOWS });
    if (status !== 0) throw new Error(`npm did not install ${name}@${version}`);
  }
  return modules;
}
