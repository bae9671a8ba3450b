import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadRecipe } from '../../src/cli/train/recipe/recipe.ts';
import type { SizeName } from '../../src/model/variants.ts';
import { timelineCosts } from '../../src/train/cost/timelineCost.ts';
import { paperTimeline } from '../../src/train/timeline/paper.ts';
import type { Timeline } from '../../src/train/timeline/timeline.ts';

const SIZES: readonly SizeName[] = ['base', 'large', 'so400m', 'giant-opt'];

const recipeOf = (size: SizeName) =>
  loadRecipe(join(import.meta.dirname, `../../recipes/paper/${size === 'giant-opt' ? 'giantOpt' : size}.ts`));

test.each(SIZES)('the paper’s recipe %s can be planned, and says why it cannot run', async (size) => {
  const recipe = await recipeOf(size);
  expect(recipe.timeline).toEqual(paperTimeline(size));
  const preparing = async () => recipe.prepare({ seed: 0, log: () => {} });
  await expect(preparing()).rejects.toThrow(/WebLI\) is not public.*timelineRun/);
});

/*
 * §2.1: 40 B examples in batches of 32,768 are 1,220,703.1 steps; whole steps count, and half a step is not done.
 * §2.2 to §2.5: 80 % is step 976,562 (976,562.5), 90 % 1,098,633 (1,098,632.8), 95 % 1,159,668 (1,159,668.0) and 100 %
 * 1,220,703. A stage has what lies between two of them:
 */
const PRETRAINING = 976_562; // 0–80 %
const SELF_DISTILLATION = 183_106; // 80–95 %: 1,159,668 − 976,562
const FORK = 61_035; // 95–100 % (C.2): 1,220,703 − 1,159,668
const TO_NAFLEX = 122_071; // 80–90 % without self-supervision: 1,098,633 − 976,562
const CURATION = 122_070; // C.1: 4 B / 32,768 = 122,070.3
/** C.3: the last 10 %, 4 B examples, stretched by 3.75: 15 B / 32,768 = 457,763.7. */
const NAFLEX_BATCHES = 457_764;

/** big_vision `README_siglip2.md`: resolutions by patch size, and whether there is a NaFlex model. */
const RELEASED: Readonly<Record<SizeName, { readonly forks: readonly string[]; readonly naflex: boolean }>> =
  {
    base: {
      forks: ['patch32-256', 'patch16-224', 'patch16-256', 'patch16-384', 'patch16-512'],
      naflex: true,
    },
    large: { forks: ['patch16-256', 'patch16-384', 'patch16-512'], naflex: false },
    so400m: {
      forks: ['patch14-224', 'patch14-384', 'patch16-256', 'patch16-384', 'patch16-512'],
      naflex: true,
    },
    'giant-opt': { forks: ['patch16-256', 'patch16-384'], naflex: false },
  };

/** Batches of every stage; curation follows the forks of B alone (§2.2 to §2.5). */
function expectedBatches(size: SizeName): Record<string, number> {
  const { forks, naflex } = RELEASED[size];
  return {
    pretraining: PRETRAINING,
    'self-distillation': SELF_DISTILLATION,
    ...Object.fromEntries(forks.map((name) => [name, FORK])),
    ...(size === 'base' && Object.fromEntries(forks.map((name) => [`${name}-curation`, CURATION]))),
    ...(naflex && { 'pretraining-to-90': TO_NAFLEX, naflex: NAFLEX_BATCHES }),
  };
}

/** With towers of one block: steps, batches and examples do not depend on the depth, which takes the time of counting. */
const shallow = ({ model: { vision, text }, ...timeline }: Timeline): Timeline => ({
  ...timeline,
  model: { vision: { ...vision, layers: 1 }, text: { ...text, layers: 1 } },
});

describe.each(SIZES)('the plan of the paper’s %s', (size) => {
  test('has the steps and batches of §2.2 to §2.5', async () => {
    const plan = timelineCosts(shallow((await recipeOf(size)).timeline!));
    expect(Object.fromEntries(plan.map(({ name, batches }) => [name, batches]))).toEqual(
      expectedBatches(size),
    );
    for (const { name, steps, batches, examples, scored } of plan) {
      expect(examples, name).toBe(batches! * 32_768);
      // §2.5: super-batches of 64k for B/16 and of 128k for B/32.
      const superBatch = name === 'patch32-256-curation' ? 131_072 : 65_536;
      expect(scored, name).toBe(name.endsWith('-curation') ? CURATION * superBatch : undefined);
      // C.3: a batch of length 1024, one of five lengths, makes two updates; ± 5 standard deviations of the draw.
      const split = name === 'naflex' ? NAFLEX_BATCHES / 5 : 0;
      const margin = 5 * Math.sqrt(split * 0.8);
      expect(Math.abs(steps! - batches! - split), name).toBeLessThanOrEqual(margin);
    }
  });
});
