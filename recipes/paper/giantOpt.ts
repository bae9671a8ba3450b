/**
 * The paper's g-opt/16: 256 and 384 pixels, with So400m's text tower.
 *
 *   npx siglip2 train recipes/paper/giantOpt.ts --cost
 */
import { paperRecipe } from './paperRecipe.ts';

export default paperRecipe('giant-opt');
