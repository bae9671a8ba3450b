import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readJson } from '../../checkpoint/files/json.ts';
import {
  type DecoderContents,
  type DecoderFiles,
  decoderShapes,
  openDecoder,
} from '../../checkpoint/huggingFace/decoder.ts';
import { type ModelDirectory, saveModelDirectory } from '../../checkpoint/huggingFace/directory.ts';
import { parameterShapes } from '../../checkpoint/huggingFace/layout.ts';
import type { FloatDType } from '../../checkpoint/safetensors/castFloat.ts';
import { storedAs, type Unconverted } from '../../checkpoint/safetensors/storedAs.ts';
import type { LazyTensor } from '../../checkpoint/safetensors/writer.ts';
import type { DType } from '../../tensor/ndarray.ts';
import type { TrainState } from '../step/state/state.ts';

/** Wide floats are stored as what training computes with. */
const floatType = (stored: DType): FloatDType =>
  stored === 'float16' || stored === 'bfloat16' ? stored : 'float32';

const jsonOf = async (path: string): Promise<unknown> => (existsSync(path) ? readJson(path) : undefined);

/** The decoder as it is, or in another type; each tensor is read when it is written. */
function keptDecoder(
  target: string,
  { config, format, weights }: DecoderFiles,
  saveAs?: FloatDType,
): DecoderContents {
  const tensors = [...decoderShapes(config)].map(([name, shape]): [string, LazyTensor] => {
    const { dtype } = weights.tensors.get(name)!;
    return [name, { dtype, shape, load: () => weights.read(name) }];
  });
  return { config, format, tensors: saveAs ? storedAs(target, tensors, saveAs) : tensors };
}

/**
 * Writes a fine-tuned model, in the layout of the one that it started from. Each parameter keeps the type in which that
 * one stores it (a frozen one: its bits), or all get the type `saveAs`. A decoder beside the model stays beside it, as it
 * was: fine-tuning does not train it, so it knows the image tower from before.
 * @param step updates of the training, to be written into the files
 * @throws TensorOverflowError naming the parameters that are beyond what their type holds; nothing was written then.
 * CheckpointError naming one that holds NaN or infinity
 * @example
 * const model = await openModelDirectory(EMBEDDED_MODEL);
 * const saved = await latestState('out/run', ({ path }) => console.warn(path));
 * if (saved) await saveFinetuned('out/model', model, saved.state);
 */
export async function saveFinetuned(
  directory: string,
  { config, path, preprocessor, weights, tokenizerPath }: ModelDirectory,
  state: TrainState,
  saveAs?: FloatDType,
  step?: number,
): Promise<void> {
  const trained = [...parameterShapes(config)].map(([name, shape]): [string, Unconverted] => [
    name,
    { shape, load: async () => state.get(name)! },
  ]);
  const dtypeOf = (name: string) => saveAs ?? floatType(weights.tensors.get(name)!.dtype);
  const decoder = await openDecoder(path, config);
  try {
    await saveModelDirectory(directory, {
      config,
      preprocessor,
      ...(step !== undefined && { step }),
      tensors: storedAs(directory, trained, dtypeOf),
      ...(decoder && { decoder: keptDecoder(directory, decoder, saveAs) }),
      ...(tokenizerPath !== undefined && {
        tokenizerJson: await readJson(tokenizerPath),
        tokenizerConfig: await jsonOf(join(dirname(tokenizerPath), 'tokenizer_config.json')),
      }),
    });
  } finally {
    await decoder?.weights.close();
  }
}
