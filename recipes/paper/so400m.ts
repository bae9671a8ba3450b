/**
 * The paper's So400m/14 and /16: 224 to 512 pixels, and NaFlex.
 *
 *   npx siglip2 train recipes/paper/so400m.ts --cost
 */
import { paperRecipe } from './paperRecipe.ts';

export default paperRecipe('so400m');
