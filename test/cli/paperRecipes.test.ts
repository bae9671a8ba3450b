import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadRecipe } from '../../src/cli/recipe.ts';
import type { SizeName } from '../../src/model/variants.ts';
import { paperTimeline } from '../../src/train/timeline/paper.ts';

const SIZES: readonly SizeName[] = ['base', 'large', 'so400m', 'giant-opt'];

test.each(SIZES)('the paper’s recipe %s can be planned, and says why it cannot run', async (size) => {
  const recipe = await loadRecipe(join(import.meta.dirname, `../../recipes/paper/${size}.ts`));
  expect(recipe.timeline).toEqual(paperTimeline(size));
  const preparing = async () => recipe.prepare({ seed: 0, log: () => {} });
  await expect(preparing()).rejects.toThrow(/WebLI\) is not public.*timelineRun/);
});
