import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../../checkpoint/files/atomic.ts';
import { readJson } from '../../checkpoint/files/json.ts';
import { describeDifference } from '../../data/sources/identity.ts';

const schema = z.object({
  recipe: z.string(),
  seed: z.int().min(0),
  steps: z.int().positive().optional(),
  /** What the recipe's data is (see identity.ts). */
  data: z.string().optional(),
});

/** What decides the result of a run, kept in its folder so that it is continued with the same. */
export type RunSettings = z.output<typeof schema>;

export interface RequestedSettings {
  readonly recipe: string;
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
}

const DEFAULT_SEED = 0;

const pathOf = (runDir: string): string => join(runDir, 'run.json');

/**
 * The settings of a new run, or those of the run in `runDir`.
 * @throws Error when the run there was started with other settings than the ones asked for.
 */
export async function runSettings(runDir: string, requested: RequestedSettings): Promise<RunSettings> {
  const path = pathOf(runDir);
  if (!existsSync(path)) {
    const { recipe, seed = DEFAULT_SEED, steps } = requested;
    const settings = { recipe, seed, ...(steps !== undefined && { steps }) };
    await writeJson(path, settings);
    return settings;
  }
  const parsed = schema.safeParse(await readJson(path));
  if (!parsed.success) throw new Error(`${path}: is damaged; use another --run folder`);
  for (const name of ['recipe', 'seed', 'steps'] as const) {
    const [asked, found] = [requested[name], parsed.data[name]];
    if (asked === undefined || asked === found) continue;
    throw new Error(
      `${runDir} holds a run with ${name} ${found ?? 'of the recipe'}, not ${asked}; use another --run folder`,
    );
  }
  return parsed.data;
}

/**
 * Writes down what a recipe's data is, or checks that it is that of the run in the folder.
 * @throws Error when the run there was trained on other data
 */
export async function keepDataIdentity(
  runDir: string,
  settings: RunSettings,
  identity: string | undefined,
): Promise<void> {
  if (identity === undefined) return;
  if (settings.data === undefined) return writeJson(pathOf(runDir), { ...settings, data: identity });
  const difference = describeDifference(settings.data, identity);
  if (difference === undefined) return;
  throw new Error(
    `${runDir} holds a run on other data than the recipe's now: ${difference}; give back the data as it was, or use another --run folder`,
  );
}
