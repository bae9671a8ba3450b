import { contrastiveObjective } from '../../src/train/losses/sigmoid/contrastive.ts';
import type { Recipe } from '../../src/train/recipe/recipe.ts';
import { tinyConfig } from './fixtures.ts';
import tiny from './tinyRecipe.ts';

/** More pieces than any machine has memory for. */
const PIECES = 2e12;

const recipe: Recipe = {
  ...tiny,
  name: 'huge',
  async prepare(options) {
    const prepared = await tiny.prepare(options);
    const [first, ...rest] = prepared.stages;
    if ('make' in first.training) return prepared;
    const objective = contrastiveObjective(tinyConfig('fixed', PIECES), { images: 4, texts: 4 });
    return { ...prepared, stages: [{ ...first, training: { ...first.training, objective } }, ...rest] };
  },
};
export default recipe;
