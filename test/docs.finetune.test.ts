import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { cli } from './cli/testIo.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'siglip2-finetune-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Commands of the walk-through, in order, that need no network; what they write goes into a temporary folder. */
const commands = [...readFileSync(join(root, 'docs/finetune.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap((match) => match[1]!.trim().split('\n'))
  .filter((line) => !line.includes('google/'))
  .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2]!))
  .map((words) => words.map((word) => word.replace(/^out\//, `${folder}/`)));

/** Runs one command and gives what it printed. */
async function execute([npx, program, ...args]: string[]): Promise<string> {
  expect(npx).toBe('npx');
  if (program === 'tsx')
    return execFileSync(process.execPath, ['--import', 'tsx', ...args], { cwd: root, encoding: 'utf8' });
  expect(program).toBe('siglip2');
  // One thread: two that wait for one another are slow where the machine does other work too.
  const { code, out, err } = await cli([...args, '--threads', '1']);
  expect(code, err).toBe(0);
  return out;
}

it('docs/finetune.md: every command works, and the model gets better', async () => {
  const printed: string[] = [];
  for (const command of commands) printed.push(await execute(command));
  const [made, plan, result, labels] = printed as [string, string, string, string];
  expect(made).toMatch(/^183 pictures in 4 sub-folders/);
  expect(plan).toMatch(/^data {6}137 images in 4 classes, 46 held out\ntraining {2}24 steps of 17 pairs/);
  const [, before, after] = /top-1 \(46 images\) +([\d.]+) +([\d.]+)/.exec(result)!.map(Number);
  expect(after!, result).toBeGreaterThan(before! + 10);
  expect(labels.split('\n')[1]).toContain('traffic');
}, 300_000);
