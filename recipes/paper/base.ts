/**
 * The paper's B/16 and B/32: 224 to 512 pixels, each curated afterwards, and NaFlex.
 *
 *   npx siglip2 train recipes/paper/base.ts --cost
 */
import { paperRecipe } from './paperRecipe.ts';

export default paperRecipe('base');
