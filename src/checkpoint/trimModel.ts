import { segmentText } from '../input/text/locca/encode.ts';
import type { LoccaFormat } from '../input/text/locca/format.ts';
import { readConfigTokens, withNamedTokens } from '../input/text/tokenizer/configTokens.ts';
import { readTokenizerJson, type TokenizerJson } from '../input/text/tokenizer/tokenizerJson.ts';
import { trimRows } from '../input/text/trim/trimRows.ts';
import { type TrimOptions, trimRules, trimTokenizer } from '../input/text/trim/trimTokenizer.ts';
import type { LoccaDecoderConfig } from '../model/locca/config.ts';
import { LOCCA_DECODER } from '../model/locca/decoder.ts';
import { byteWidth, type DType, type NdArray, sizeOf } from '../tensor/ndarray.ts';
import { takeRows } from '../tensor/rows.ts';
import { check, optional, settings } from '../tensor/settings.ts';
import { CheckpointError } from './files/errors.ts';
import { type DecoderFiles, decoderShapes, openDecoder } from './huggingFace/decoder.ts';
import { type ModelDirectory, saveModelDirectory } from './huggingFace/directory.ts';
import { parameterShapes } from './huggingFace/layout.ts';
import type { Weights } from './huggingFace/weights.ts';
import { type FloatDType, floatDTypeRule } from './safetensors/castFloat.ts';
import { storedAs } from './safetensors/storedAs.ts';
import type { LazyTensor } from './safetensors/writer.ts';

const TABLE = 'text_model.embeddings.token_embedding.weight';

export interface TrimModelOptions extends Omit<TrimOptions, 'vocabSize'> {
  /** Type of the written weights. Default: as they are stored. */
  readonly dtype?: FloatDType;
}

const { maxPieces, letterCase } = trimRules;
const trimModelSchema = settings<TrimModelOptions>({
  maxPieces,
  letterCase,
  dtype: optional(floatDTypeRule),
});

/** What trimming changed. */
export interface TrimReport {
  /** Pieces of the vocabulary. */
  readonly pieces: { readonly before: number; readonly after: number };
  /** Bytes of all weights, a decoder's included. */
  readonly bytes: { readonly before: number; readonly after: number };
}

/** Rows of a table [V, d], or elements of a vector [V]. */
const keptRows = (array: NdArray, kept: Int32Array): NdArray =>
  array.shape.length === 1 ? takeRows(array, kept) : trimRows(array, kept);

/** Tensors, of which those that are named in `rows` keep only these; each is read when it is written. */
function trimmedTensors(
  target: string,
  names: Iterable<string>,
  weights: Weights,
  rows: ReadonlyMap<string, Int32Array>,
  dtype: FloatDType | undefined,
): [string, LazyTensor][] {
  const tensors = [...names].map((name): [string, LazyTensor] => {
    const entry = weights.tensors.get(name)!;
    const kept = rows.get(name);
    const shape = kept ? [kept.length, ...entry.shape.slice(1)] : entry.shape;
    const load = async () => {
      const stored = await weights.read(name);
      return kept ? keptRows(stored, kept) : stored;
    };
    return [name, { dtype: entry.dtype, shape, load }];
  });
  return dtype ? [...storedAs(target, tensors, dtype)] : tensors;
}

/** A decoder's tensors that have a row for each piece of the vocabulary. */
function decoderRows({ vocabSize }: LoccaDecoderConfig, kept: Int32Array): Map<string, Int32Array> {
  return new Map([
    // The last row is the mask token of parallel prediction.
    [`${LOCCA_DECODER}.embeddings.token_embedding.weight`, Int32Array.of(...kept, vocabSize)],
    [`${LOCCA_DECODER}.lm_head.weight`, kept],
    [`${LOCCA_DECODER}.lm_head.bias`, kept],
  ]);
}

/** The decoder beside a model, with the rows that are kept. */
function trimDecoder(
  target: string,
  { config, format, weights }: DecoderFiles,
  kept: Int32Array,
  dtype?: FloatDType,
) {
  const names = decoderShapes(config).keys();
  const tensors = trimmedTensors(target, names, weights, decoderRows(config, kept), dtype);
  return { config: { ...config, vocabSize: kept.length }, format, tensors };
}

/**
 * A corpus as a model with a decoder reads and writes it: each text also as a part of a task (its first piece is another
 * one after a space), and what tasks are written with: prefixes, the separator and every number of a box.
 */
function decoderCorpus(corpus: Iterable<string>, { prefixes, separator, box }: LoccaFormat): string[] {
  const texts = [...corpus];
  const numbers = Array.from({ length: box.maximum + 1 }, (_, n) => n).join(' ');
  return [...texts, ...Object.values(prefixes), ...[...texts, separator, numbers].map(segmentText)];
}

const byteLength = (tensors: Iterable<readonly [string, { dtype: DType; shape: readonly number[] }]>) =>
  [...tensors].reduce((total, [, { dtype, shape }]) => total + sizeOf(shape) * byteWidth(dtype), 0);

async function readTokenizer({ path, tokenizerPath, config }: ModelDirectory): Promise<TokenizerJson> {
  if (tokenizerPath === undefined)
    throw new CheckpointError(path, 'has no tokenizer.json; add the one of the released checkpoints');
  const json = withNamedTokens(await readTokenizerJson(tokenizerPath), await readConfigTokens(tokenizerPath));
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
 *
 * A decoder beside the model loses the same rows; what its tasks are written with counts as part of the corpus. The
 * scores of the pieces that it keeps are those of before, so what it writes is the same wherever its words are kept;
 * their probabilities are now those among fewer pieces.
 * @param corpus texts as they will be embedded, prompts included.
 * @throws CheckpointError when the model has no tokenizer, or its decoder is damaged.
 * @throws RangeError when `maxPieces` is too small, or naming the option that is none.
 * @throws TensorOverflowError naming the weights that `dtype` cannot hold
 * @example
 * const model = await openModelDirectory(await resolveModel('google/siglip2-base-patch16-224'));
 * await trimModel(model, ['a photo of a cat', 'ein Foto einer Katze'], 'out/small');
 * await model.weights.close();
 */
export async function trimModel(
  model: ModelDirectory,
  corpus: Iterable<string>,
  directory: string,
  options: TrimModelOptions = {},
): Promise<TrimReport> {
  check('trim', trimModelSchema, options);
  const decoder = await openDecoder(model.path, model.config);
  try {
    return await trimBoth(model, decoder, corpus, directory, options);
  } finally {
    await decoder?.weights.close();
  }
}

async function trimBoth(
  model: ModelDirectory,
  opened: DecoderFiles | undefined,
  corpus: Iterable<string>,
  directory: string,
  { dtype, ...trimming }: TrimModelOptions,
): Promise<TrimReport> {
  const { config, preprocessor, weights } = model;
  const texts = opened ? decoderCorpus(corpus, opened.format) : corpus;
  const { vocabSize } = config.text;
  const { tokenizerJson, kept } = trimTokenizer(await readTokenizer(model), texts, {
    ...trimming,
    vocabSize,
  });
  const names = [...parameterShapes(config).keys()];
  const tensors = trimmedTensors(directory, names, weights, new Map([[TABLE, kept]]), dtype);
  const decoder = opened && trimDecoder(directory, opened, kept, dtype);
  const trimmed = { ...config, text: { ...config.text, vocabSize: kept.length } };
  const contents = { config: trimmed, preprocessor, tensors, tokenizerJson };
  await saveModelDirectory(directory, { ...contents, ...(decoder && { decoder }) });
  const before = names.map((name) => [name, weights.tensors.get(name)!] as const);
  return {
    pieces: { before: config.text.vocabSize, after: kept.length },
    bytes: {
      before: byteLength([...before, ...(opened?.weights.tensors ?? [])]),
      after: byteLength([...tensors, ...(decoder?.tensors ?? [])]),
    },
  };
}
