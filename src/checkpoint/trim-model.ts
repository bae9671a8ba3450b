import { readTokenizerJson, type TokenizerJson } from '../input/text/tokenizer-json.ts';
import { type TrimOptions, trimTokenizer } from '../input/text/trim.ts';
import { trimRows } from '../input/text/trim-rows.ts';
import { byteWidth, type NdArray, sizeOf } from '../tensor/ndarray.ts';
import { type ModelDirectory, saveModelDirectory } from './directory.ts';
import { CheckpointError } from './errors.ts';
import { castFloat, type FloatDType } from './half.ts';
import { parameterShapes } from './layout.ts';
import type { LazyTensor } from './safetensors-writer.ts';
import type { Weights } from './weights.ts';

const TABLE = 'text_model.embeddings.token_embedding.weight';

export interface TrimModelOptions extends TrimOptions {
  /** Type of the written weights. Default: as they are stored. */
  readonly dtype?: FloatDType;
}

/** What trimming changed. */
export interface TrimReport {
  /** Pieces of the vocabulary. */
  readonly pieces: { readonly before: number; readonly after: number };
  /** Bytes of all weights. */
  readonly bytes: { readonly before: number; readonly after: number };
}

/** The model's tensors with only the kept rows of the embedding table; each is read when it is written. */
function* trimmedTensors(
  names: Iterable<string>,
  weights: Weights,
  kept: Int32Array,
  dtype: FloatDType | undefined,
): Generator<[string, LazyTensor]> {
  for (const name of names) {
    const entry = weights.tensors.get(name)!;
    const rows = (array: NdArray) => (name === TABLE ? trimRows(array, kept) : array);
    const shape = name === TABLE ? [kept.length, ...entry.shape.slice(1)] : entry.shape;
    const target = dtype ?? entry.dtype;
    const load = async () => {
      const array = rows(await weights.read(name));
      return dtype ? castFloat(array, dtype) : array;
    };
    yield [name, { dtype: target, shape, load }];
  }
}

async function readTokenizer({ path, tokenizerPath, config }: ModelDirectory): Promise<TokenizerJson> {
  if (tokenizerPath === undefined)
    throw new CheckpointError(path, 'has no tokenizer.json; add the one of the released checkpoints');
  const json = await readTokenizerJson(tokenizerPath);
  const pieces = Object.keys(json.model.vocab).length;
  if (pieces > config.text.vocabSize) {
    throw new CheckpointError(
      tokenizerPath,
      `has ${pieces} pieces, but config.json says vocab_size ${config.text.vocabSize}; use this model's tokenizer`,
    );
  }
  return json;
}

/**
 * Writes a model with only the vocabulary that a corpus needs. Texts of the corpus get the same embeddings as before,
 * to the bit (with `maxPieces`: those whose pieces were all kept); any other text still encodes, through smaller
 * pieces. The weights are copied one tensor at a time.
 * @param corpus texts as they will be embedded, prompts included.
 * @throws CheckpointError when the model has no tokenizer. @throws RangeError when `maxPieces` is too small.
 */
export async function trimModel(
  model: ModelDirectory,
  corpus: Iterable<string>,
  directory: string,
  options: TrimModelOptions = {},
): Promise<TrimReport> {
  const { config, preprocessor, weights } = model;
  const { tokenizerJson, kept } = trimTokenizer(await readTokenizer(model), corpus, options);
  const names = [...parameterShapes(config).keys()];
  const tensors = [...trimmedTensors(names, weights, kept, options.dtype)];
  const trimmed = { ...config, text: { ...config.text, vocabSize: kept.length } };
  await saveModelDirectory(directory, { config: trimmed, preprocessor, tensors, tokenizerJson });
  const size = (shape: readonly number[], dtype: LazyTensor['dtype']) => sizeOf(shape) * byteWidth(dtype);
  return {
    pieces: { before: config.text.vocabSize, after: kept.length },
    bytes: {
      before: names.reduce((total, name) => total + weights.tensors.get(name)!.byteLength, 0),
      after: tensors.reduce((total, [, { shape, dtype }]) => total + size(shape, dtype), 0),
    },
  };
}
