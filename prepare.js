// npm runs this after `npm ci` in a checkout, before it packs, and where somebody installs from a git address: it
// compiles the library (dist) and builds the page (web/dist).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const root = new URL('.', import.meta.url);
const missing = ['typescript', 'vite'].filter(
  (name) => !existsSync(new URL(`node_modules/${name}/package.json`, root)),
);
if (missing.length > 0) {
  // `npm ci --omit=dev`: the library and its commands work from their sources; only the page cannot be built.
  console.error(
    `siglip2: ${missing.join(' and ')} not installed, so the page is not built and \`serve\` will refuse; run npm ci with the development packages`,
  );
  process.exit(0);
}
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
