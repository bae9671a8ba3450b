import { decoderShapes } from '../../checkpoint/huggingFace/decoder.ts';
import type { DecoderDescription } from '../../checkpoint/huggingFace/decoderConfig.ts';
import { type ModelFiles, saveModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import type { FloatDType } from '../../checkpoint/safetensors/castFloat.ts';
import { storedAs, type Unconverted } from '../../checkpoint/safetensors/storedAs.ts';
import { twoTowers } from '../../model/twoTowers.ts';
import type { TrainState } from '../step/state/state.ts';
import type { Stage } from './stage.ts';

/** What is saved beside the weights that were trained, and how. */
export interface TrainedModel extends ModelFiles {
  /** Content of tokenizer.json. */
  readonly tokenizerJson: unknown;
  /** The decoder that was trained with the model, to be saved beside it. Default: none is saved. */
  readonly decoder?: DecoderDescription;
  /** Type of the saved weights. Default float32. */
  readonly saveAs?: FloatDType;
}

/** The parameters that are saved with a model: its own, and its decoder's. */
export const savedNames = ({ config, decoder }: Pick<TrainedModel, 'config' | 'decoder'>) => ({
  names: [...twoTowers(config, { images: 1, texts: 1 }).parameters.keys()],
  decoderNames: decoder ? [...decoderShapes(decoder.config).keys()] : [],
});

/** What is wrong where parameters of the model are trained nowhere; undefined where none is missing. */
export function untrainedText(missing: readonly string[]): string | undefined {
  const [first] = missing;
  if (first === undefined) return undefined;
  const remedy = first.startsWith('decoder.')
    ? 'a decoder needs the loss locca; without it, let the recipe return no decoder'
    : 'let an objective of the recipe use them, or start from a state that has them';
  return `no stage of the recipe trains ${missing.length} parameters of the model, e.g. ${first}: ${remedy}`;
}

/**
 * Writes the trained parameters (no moments) as a model directory that `load` and transformers read.
 * @param stage where the model ends, if it is another there than `model` says
 * @param step updates of the training, to be written into the files
 * @throws TensorOverflowError naming the parameters that `saveAs` cannot hold; nothing was written then.
 * CheckpointError naming one that holds NaN or infinity
 * @example
 * async function save(model: TrainedModel, runDir: string) {
 *   const last = await latestState(runDir);
 *   if (last) await saveTrainedModel('out/model', model, last.state, undefined, last.step);
 * }
 */
export async function saveTrainedModel(
  directory: string,
  { tokenizerJson, saveAs = 'float32', decoder, ...files }: TrainedModel,
  state: TrainState,
  stage?: Pick<Stage, 'model'>,
  step?: number,
): Promise<void> {
  const { config, preprocessor } = stage?.model ?? files;
  const { names, decoderNames } = savedNames({ config, ...(decoder && { decoder }) });
  const flaw = untrainedText([...names, ...decoderNames].filter((name) => !state.has(name)));
  if (flaw !== undefined) throw new Error(flaw);
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
