import type { IndexedSource } from '../../../data/sources/source.ts';
import type { Recipe } from '../../../train/recipe/recipe.ts';
import { optionsOnce } from '../../../train/run/evaluation/scheduled.ts';
import type { SamplesOptions } from '../../../train/run/samples/sampler.ts';
import { UsageError } from '../../support/errors.ts';

const isIndexed = (value: unknown): value is IndexedSource =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'indexed';

/** The pictures that the first evaluator with `data` looks at, which are held out. */
async function evaluatedData({ evaluators = [] }: Recipe): Promise<IndexedSource | undefined> {
  for (const one of evaluators) {
    const options = await optionsOnce(one)();
    if ('data' in options && isIndexed(options.data)) return options.data;
  }
  return undefined;
}

/**
 * Which pictures a recipe's models are asked of, and when: where they are evaluated, for the model is loaded then in any
 * case; at every saved state where that is asked for.
 * @throws UsageError where it is asked for and the recipe names no pictures
 */
export function samplesOf(recipe: Recipe, asked: boolean | undefined): { readonly samples?: SamplesOptions } {
  if (asked === false) return {};
  const { evaluators = [], samples, saveEvery } = recipe;
  if (asked && !samples && evaluators.length === 0)
    throw new UsageError(
      '--samples: the recipe names no pictures; give it samples, or an evaluator that has data',
    );
  const data = samples ?? (() => evaluatedData(recipe));
  return { samples: { data, ...(asked && { every: saveEvery }) } };
}

/** The flags of the command that goes on as this one. */
export const samplesFlags = (asked: boolean | undefined): string[] =>
  asked === undefined ? [] : [asked ? '--samples' : '--no-samples'];
