import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPackage, ROOT, WINDOWS } from './fetchPackage.ts';

const EMBED = join(import.meta.dirname, 'embed.mjs');
const EXE = WINDOWS ? '.exe' : '';

/** The other programs that run JavaScript: the package and scope on npm, where the binary is in it, what it takes. */
const RUNTIMES = {
  bun: { version: '1', scope: '@oven', binary: `bin/bun${EXE}`, args: [] },
  deno: { version: '2', scope: '@deno', binary: `deno${EXE}`, args: ['run', '--allow-all'] },
} as const;

export type Runtime = keyof typeof RUNTIMES;

export const isRuntime = (name: string): name is Runtime => Object.hasOwn(RUNTIMES, name);

/** The binary of this platform, which is a package of its own. */
function binaryOf(name: Runtime): string {
  const { version, scope, binary } = RUNTIMES[name];
  const modules = fetchPackage(name, version);
  const found = readdirSync(join(modules, scope))
    .map((platform) => join(modules, scope, platform, binary))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`npm did not install ${name}@${version} for this platform`);
  chmodSync(found, 0o755);
  return found;
}

function embed(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, [...args, EMBED], { encoding: 'utf8', cwd: ROOT });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  return stdout;
}

/** Embeds in another runtime with the compiled package. @returns whether every bit is as in Node.js */
export function embedsAsNode(name: Runtime): boolean {
  spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit', shell: WINDOWS });
  const same = embed(binaryOf(name), RUNTIMES[name].args) === embed(process.execPath, []);
  console.log(`${name}: embeds ${same ? 'the same' : 'otherwise than'} as Node.js ${process.version}`);
  return same;
}
