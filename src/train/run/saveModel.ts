import { decoderShapes } from '../../checkpoint/huggingFace/decoder.ts';
import { saveModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { storedAs, type Unconverted } from '../../checkpoint/safetensors/storedAs.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import type { PreparedRecipe, Stage } from '../recipe.ts';
import type { TrainState } from '../step/state/state.ts';

/**
 * Writes the trained parameters (no moments) as a model directory that `load` and transformers read.
 * @param stage where the model ends, if it is another there than the recipe says
 * @param step updates of the training, to be written into the files
 * @throws TensorOverflowError naming the parameters that `saveAs` cannot hold; nothing was written then.
 * CheckpointError naming one that holds NaN or infinity
 */
export async function saveTrainedModel(
  directory: string,
  { tokenizerJson, saveAs = 'float32', decoder, ...recipe }: PreparedRecipe,
  state: TrainState,
  stage?: Stage,
  step?: number,
): Promise<void> {
  const { config, preprocessor } = stage?.model ?? recipe;
  const names = [...twoTowers(config, { images: 1, texts: 1 }).parameters.keys()];
  const decoderNames = decoder ? [...decoderShapes(decoder.config).keys()] : [];
  const missing = [...names, ...decoderNames].filter((name) => !state.has(name));
  if (missing.length > 0) {
    throw new Error(
      `no stage of the recipe trained ${missing.length} parameters of the model, e.g. ${missing[0]}`,
    );
  }
  const take = (wanted: readonly string[]) => {
    const trained = wanted.map((name): [string, Unconverted] => {
      const array = state.get(name)!;
      return [name, { shape: array.shape, load: async () => array }];
    });
    return storedAs(directory, trained, saveAs);
  };
  await saveModelDirectory(directory, {
    config,
    preprocessor,
    tensors: take(names),
    tokenizerJson,
    ...(step !== undefined && { step }),
    ...(decoder && { decoder: { ...decoder, tensors: take(decoderNames) } }),
  });
}
