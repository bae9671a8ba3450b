import type { Evaluator } from '../../src/evaluate/evaluator.ts';
import type { Recipe } from '../../src/train/recipe/recipe.ts';
import tiny from './tinyRecipe.ts';

/** How alike two texts are: another number after every update. */
const likeness: Evaluator = {
  name: 'likeness',
  description: 'Cosine of two texts.',
  options: {},
  async *run(encoder) {
    const { data, shape } = await encoder.embedTexts(['a cat', 'a dog']);
    const width = shape[1]!;
    const value = data.subarray(0, width).reduce((sum, one, i) => sum + one * data[width + i]!, 0);
    yield { metric: 'cosine', value, count: 1, lowerIsBetter: true };
  },
};

/** The tiny recipe, evaluated at the end of its stages. */
const recipe: Recipe = { ...tiny, evaluators: [{ evaluator: likeness }], best: 'likeness/cosine' };

export default recipe;
