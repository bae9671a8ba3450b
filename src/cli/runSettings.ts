import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeJson } from '../checkpoint/atomic.ts';
import { readJson } from '../checkpoint/json.ts';

const schema = z.object({
  recipe: z.string(),
  seed: z.int().min(0),
  steps: z.int().positive().optional(),
});

/** What decides the result of a run, kept in its folder so that it is continued with the same. */
export type RunSettings = z.output<typeof schema>;

export interface RequestedSettings {
  readonly recipe: string;
  readonly seed?: number | undefined;
  readonly steps?: number | undefined;
}

const DEFAULT_SEED = 0;

/**
 * The settings of a new run, or those of the run in `runDir`.
 * @throws Error when the run there was started with other settings than the ones asked for.
 */
export async function runSettings(runDir: string, requested: RequestedSettings): Promise<RunSettings> {
  const path = join(runDir, 'run.json');
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
