// npm run docs:check: counts public functions without a comment or an example, and type-checks the examples.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicFunctions } from './comments.ts';
import { writeExamples } from './exampleProgram.ts';
import { FACES } from './publicNames.ts';

/** Public functions that may lack a comment or an example. These numbers may only get smaller. */
const LACKING = { comment: 0, example: 0 };

const root = fileURLToPath(new URL('../..', import.meta.url));
const source = join(root, 'src');
const functions = publicFunctions(source);
const silent = functions.filter(({ comment }) => comment === '').map(({ name }) => name);
const bare = functions.filter(({ examples }) => examples.length === 0).map(({ name }) => name);
console.log(
  `${functions.length} public functions: ${silent.length} without a comment, ${bare.length} without an example`,
);
for (const name of silent) console.log(`without a comment: ${name}`);
for (const name of bare) console.log(`without an example: ${name}`);

const folder = mkdtempSync(join(tmpdir(), 'siglip2-examples-'));
try {
  const examples = writeExamples(source, folder, functions);
  const paths = Object.entries(FACES).map(([face, path]) => [face, [join(source, `${path}.ts`)]]);
  const compilerOptions = {
    paths: Object.fromEntries(paths),
    noUnusedLocals: false,
    verbatimModuleSyntax: false,
    module: 'esnext',
    moduleResolution: 'bundler',
    typeRoots: [join(root, 'node_modules/@types')],
  };
  const project = join(folder, 'tsconfig.json');
  const config = { extends: join(root, 'tsconfig.json'), compilerOptions, include: [folder] };
  writeFileSync(project, JSON.stringify(config));
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  // What is wrong, it has said itself.
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], {
    stdio: 'inherit',
    cwd: folder,
  });
  if (status === 0) console.log(`${examples.length} examples are sound programs`);
  else process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (silent.length > LACKING.comment || bare.length > LACKING.example) process.exitCode = 1;
