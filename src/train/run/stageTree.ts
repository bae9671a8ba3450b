import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { check } from '../../tensor/settings.ts';
import { lateTrainingSchema, type Stage } from './stage.ts';

/** Folder of one stage's log and states. */
export const stageDir = (runDir: string, stages: readonly Stage[], index: number): string =>
  join(runDir, `${index + 1}-${stages[index]!.name}`);

/** The folders of a run that are named as stages' are, in order; none where the run's folder does not exist. */
export async function stageFolders(
  runDir: string,
): Promise<{ readonly name: string; readonly dir: string }[]> {
  const names = await readdir(runDir).catch(() => []);
  return names
    .flatMap((dir) => {
      const [, number, name] = /^(\d+)-(.+)$/.exec(dir) ?? [];
      return name ? [{ number: Number(number), name, dir }] : [];
    })
    .sort((a, b) => a.number - b.number)
    .map(({ name, dir }) => ({ name, dir }));
}

/** Index of the stage that stage `index` starts from; undefined for the first. */
export function parentOf(stages: readonly Stage[], index: number): number | undefined {
  const { from } = stages[index]!;
  if (from === undefined) return index > 0 ? index - 1 : undefined;
  return stages.findIndex(({ name }) => name === from);
}

/** Whether no other stage starts from stage `index`. */
export const isLeaf = (stages: readonly Stage[], index: number): boolean =>
  !stages.some((_, other) => parentOf(stages, other) === index);

/** The folder in a run where the model is saved that ends with stage `index`: `model` where there is only one. */
export function modelDir(runDir: string, stages: readonly Stage[], index: number): string {
  const leaves = stages.filter((_, other) => isLeaf(stages, other));
  return leaves.length === 1 ? join(runDir, 'model') : join(runDir, 'models', stages[index]!.name);
}

/**
 * @throws RangeError naming the stage that has another's name, a late training that is none, or starts from what does not come before it. TypeError
 * naming one without `training`
 */
export function checkStages(stages: readonly Stage[]): void {
  stages.forEach(({ name, from, training }, index) => {
    // Recipes are no part of the type check, and were written with the old name.
    if (!training) throw new TypeError(`stage ${name} has no training (\`plan\` was its name before)`);
    if ('make' in training) check(`${name}.training`, lateTrainingSchema, training);
    const earlier = stages.slice(0, index).map((stage) => stage.name);
    if (earlier.includes(name)) throw new RangeError(`two stages have the name ${name}`);
    if (from !== undefined && !earlier.includes(from))
      throw new RangeError(`stage ${name} starts from ${from}, which is no earlier stage`);
  });
}
