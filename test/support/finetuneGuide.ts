import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { cli } from '../cli/testIo.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs the commands of docs/finetune.md, in order, that need no network; what they write goes into a temporary folder.
 * @param training options after those of the command that trains
 * @returns what each printed: the folder made, the plan, the training's result, the labels
 */
export async function runFinetuneGuide(
  folder: string,
  training: readonly string[] = [],
): Promise<readonly [string, string, string, string]> {
  const commands = [...readFileSync(join(root, 'docs/finetune.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap((match) => match[1]!.trim().split('\n'))
    .filter((line) => !line.includes('google/'))
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((word) => word[1] ?? word[2]!))
    .map((words) => words.map((word) => word.replace(/^out\//, `${folder}/`)));
  const printed: string[] = [];
  for (const command of commands) {
    const trains = command.includes('finetune') && !command.includes('--cost');
    printed.push(await execute(trains ? [...command, ...training] : command));
  }
  expect(printed).toHaveLength(4);
  return printed as [string, string, string, string];
}

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
