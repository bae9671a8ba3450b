/**
 * The paper's L/16: 256, 384 and 512 pixels.
 *
 *   npx siglip2 train recipes/paper/large.ts --cost
 */
import { paperRecipe } from './paperRecipe.ts';

export default paperRecipe('large');
