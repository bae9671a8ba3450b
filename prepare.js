// npm runs this after `npm ci` in a checkout, before it packs, and where somebody installs from a git address: it
// compiles the library (dist) and builds the page (web/dist).
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';

const root = new URL('.', import.meta.url);
const missing = ['typescript', 'vite'].filter(
  (name) => !existsSync(new URL(`node_modules/${name}/package.json`, root)),
);
if (missing.length > 0) {
  // `npm ci --omit=dev`
  console.error(
    `siglip2: ${missing.join(' and ')} not installed, so nothing is built; a checkout needs the development packages: run npm ci without --omit=dev`,
  );
  process.exit(0);
}
// Files of an earlier build whose sources are gone would be packed.
rmSync(new URL('dist', root), { recursive: true, force: true });
for (const script of ['build', 'build:page']) {
  const { status } = spawnSync('npm', ['run', '--silent', script], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`siglip2: \`npm run ${script}\` failed for the reason above`);
    process.exit(1);
  }
}
