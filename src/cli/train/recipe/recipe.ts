import { z } from 'zod';
import type { Recipe } from '../../../train/recipe/recipe.ts';
import type { ScheduledEvaluator } from '../../../train/run/evaluation/scheduled.ts';
import { renamedField } from '../../../train/timeline/checkTimeline.ts';
import type { Timeline } from '../../../train/timeline/timeline.ts';
import { flawsText } from '../../support/flaws.ts';
import { importModule } from '../../support/importModule.ts';

const isFunction = (value: unknown): value is Recipe['prepare'] => typeof value === 'function';

const isTimeline = (value: unknown): value is Timeline =>
  typeof value === 'object' && value !== null && 'stages' in value;

const timelineSchema = z.custom<Timeline>(isTimeline, {
  error: ({ input }) =>
    (typeof input === 'object' && input !== null && renamedField(input)) || 'expected a Timeline',
});

/** The fields are checked where the run begins. */
const isScheduled = (value: unknown): value is ScheduledEvaluator =>
  typeof value === 'object' && value !== null && 'evaluator' in value;

const recipeSchema = z.object({
  name: z.string().min(1),
  description: z.string(),
  saveEvery: z.int().positive(),
  timeline: timelineSchema.optional(),
  evaluators: z
    .array(z.custom<ScheduledEvaluator>(isScheduled, 'expected an evaluator and its options'))
    .optional(),
  best: z.string().min(1).optional(),
  samples: z
    .custom<NonNullable<Recipe['samples']>>(
      (value) => typeof value === 'function',
      'expected a function that opens pictures with captions',
    )
    .optional(),
  prepare: z.custom<Recipe['prepare']>(isFunction, 'expected a function'),
});

const moduleSchema = z.looseObject({ default: z.looseObject({}) });

/**
 * Loads a recipe: a JavaScript or TypeScript module whose default export is a {@link Recipe}.
 * @throws Error naming the file and what is wrong with it.
 */
export async function loadRecipe(file: string): Promise<Recipe> {
  const loaded = await importModule(file, 'recipe module');
  const exported = moduleSchema.safeParse(loaded);
  if (!exported.success) throw new Error(`${file}: has no default export; export default a Recipe`);
  const recipe = recipeSchema.safeParse(exported.data.default);
  if (!recipe.success) {
    throw new Error(`${file}: the default export is no Recipe: ${flawsText(recipe.error)}`);
  }
  const { prepare, timeline, evaluators, best, samples, ...rest } = recipe.data;
  // Called as a method: a recipe may be an instance with a state of its own.
  return {
    ...rest,
    ...(timeline && { timeline }),
    ...(evaluators && { evaluators }),
    ...(best && { best }),
    ...(samples && { samples: samples.bind(exported.data.default) }),
    prepare: prepare.bind(exported.data.default),
  };
}
