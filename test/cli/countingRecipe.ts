import { createTally } from '../../src/data/samples/tally.ts';
import type { Recipe } from '../../src/train/recipe/recipe.ts';
import tiny from './tinyRecipe.ts';

/** {@link tiny}, as if it had read one good and one bad sample. */
const recipe: Recipe = {
  ...tiny,
  async prepare(options) {
    const tally = createTally();
    tally.good();
    tally.bad({ reason: 'undecodable', source: 'photos', key: 'torn.jpg', detail: 'is torn' });
    return { ...(await tiny.prepare(options)), tally };
  },
};

export default recipe;
