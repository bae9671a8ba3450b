import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../checkpoint/files/json.ts';
import type { Outline } from '../../train/run/outline.ts';

const stepsSchema = z.object({ steps: z.int().positive() });

/** Updates of a fine-tuning, which writes them down; null where the run is another. */
export async function finetuningSteps(runDir: string): Promise<number | null> {
  const found = await readJson(join(runDir, 'finetune.json')).catch(() => undefined);
  return stepsSchema.safeParse(found).data?.steps ?? null;
}

/** Updates on the longest line of stages that a stage is on; null where the run does not say how many they have. */
export function lineSteps(outline: Outline, name: string | undefined): number | null {
  const lines = outline.map((_, index) => {
    const names: string[] = [];
    let sum = 0;
    for (let at: number | undefined = index; at !== undefined; at = outline[at]?.parent) {
      names.push(outline[at]?.name ?? '');
      sum += outline[at]?.steps ?? Number.NaN;
    }
    return { names, sum };
  });
  const sums = lines.filter(({ names }) => name !== undefined && names.includes(name)).map(({ sum }) => sum);
  const most = Math.max(...sums);
  return Number.isFinite(most) ? most : null;
}
