import { saveModelDirectory } from '../checkpoint/directory.ts';
import { castFloat } from '../checkpoint/half.ts';
import type { PreparedRecipe } from './recipe.ts';
import type { TrainState } from './step.ts';

/** Writes the trained parameters (no moments) as a model directory that `load` and transformers read. */
export async function saveTrainedModel(
  directory: string,
  { stages, config, preprocessor, tokenizerJson, saveAs = 'float32' }: PreparedRecipe,
  state: TrainState,
): Promise<void> {
  const names = [...stages[0].plan.objective.parameters.keys()];
  const tensors = names.map((name) => [name, castFloat(state.get(name)!, saveAs)] as const);
  await saveModelDirectory(directory, { config, preprocessor, tensors, tokenizerJson });
}
