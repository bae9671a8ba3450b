// Run as a process of its own by recipe.test.ts, as bin/siglip2.js runs: loads the recipes that it is given the paths of,
// and prints for each its name and what its import of siglip2 gave, or why it cannot be loaded.
import { register } from 'tsx/esm/api';

register();
const { loadRecipe } = await import('../../../src/cli/train/recipe/recipe.ts');
const results = [];
for (const path of process.argv.slice(2)) {
  try {
    const recipe = await loadRecipe(path);
    await recipe
      .prepare({ seed: 0, log() {} })
      .catch((error) => results.push(`${recipe.name}: ${error.message}`));
  } catch (error) {
    results.push(error.message);
  }
}
console.log(JSON.stringify(results));
