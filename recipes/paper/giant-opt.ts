/**
 * The paper's g-opt/16: 256 and 384 pixels, with So400m's text tower.
 *
 *   npx siglip2 train recipes/paper/giant-opt.ts --plan
 */
import { paperRecipe } from './paperRecipe.ts';

export default paperRecipe('giant-opt');
