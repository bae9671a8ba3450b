import { int32, type NdArray } from '../../../tensor/ndarray.ts';
import { check, count, optional, settings } from '../../../tensor/settings.ts';
import { type LetterCase, letterCaseRule } from '../letterCase.ts';
import { createMerger, mergeRanks, separableWords } from './bpe.ts';
import { readConfigTokens, withNamedTokens } from './configTokens.ts';
import { createPipeline } from './pipeline.ts';
import { parseTokenizerJson, readTokenizerJson } from './tokenizerJson.ts';
import { checkSpecials, readVocabulary, SPECIAL_IDS } from './vocabulary.ts';

export interface TokenizerOptions {
  /** Ids per text; SigLIP 2's towers are trained on exactly 64. */
  readonly length?: number;
  /**
   * Rows of the model's embedding table. Added tokens beyond it are read as ordinary text; a text with another piece beyond
   * it is refused. With it, the special tokens that a `tokenizer_config.json` beside the file names are added tokens too, where
   * they have a row. Default: as many as the tokenizer has pieces.
   */
  readonly vocabSize?: number;
  /**
   * Lower-casing before tokenisation. Default `unicode`: it is what transformers' `Siglip2Tokenizer` does, so
   * embeddings agree with the reference for capitals of every script. The training pipeline's published op
   * lowers ASCII only; `ascii` reproduces that for non-ASCII capitals.
   */
  readonly letterCase?: LetterCase;
}

const tokenizerSchema = settings<TokenizerOptions>({
  length: optional(count),
  vocabSize: optional(count),
  letterCase: optional(letterCaseRule),
});

export interface TextTokenizer {
  readonly length: number;
  readonly letterCase: LetterCase;
  /** Pieces of the tokenizer, added tokens included. */
  readonly vocabSize: number;
  /**
   * All ids of a text, without eos, truncation or padding; with `most`, the first so many of them, which a long text does not
   * make dearer.
   */
  pieceIds(text: string, most?: number): number[];
  /** Exactly `length` ids: the text's first `length − 1`, eos (1), then pads (0). */
  encode(text: string): Int32Array;
  /** {@link encode} of each text: int32 [B, length]. */
  encodeBatch(texts: readonly string[]): NdArray<'int32'>;
  /** Text of ids, special tokens dropped. */
  decode(ids: ArrayLike<number>): string;
}

/** @throws RangeError naming a piece that the model has no embedding for. */
function checkRows(ids: readonly number[], pieces: readonly string[], rows: number): void {
  const beyond = ids.find((id) => id >= rows);
  if (beyond === undefined) return;
  throw new RangeError(
    `the tokenizer's piece ${JSON.stringify(pieces[beyond])} has id ${beyond}, but the model has embeddings for ${rows} pieces; use the tokenizer.json that belongs to the model`,
  );
}

/** Writes ids, eos and pads into `out`: big_vision's "sticky" eos survives truncation. */
function writeSticky(ids: readonly number[], out: Int32Array): void {
  const kept = Math.min(ids.length, out.length - 1);
  for (let i = 0; i < kept; i++) out[i] = ids[i]!;
  out[kept] = SPECIAL_IDS.eos;
  out.fill(SPECIAL_IDS.pad, kept + 1);
}

/**
 * Loads a SigLIP 2 tokenizer from a Hugging Face `tokenizer.json` (a path, or the parsed file).
 *
 * Ids equal those of transformers' `Siglip2Tokenizer` with padding to `length`: lower-cased, no bos, eos last,
 * pads to the right. Special tokens typed in a text (`<eos>`) become that token, as in the reference; they are
 * recognised before lower-casing, so `<EOS>` does not. What the file says of bos, eos and padding is not read: every
 * SigLIP 2 was trained with the form above.
 *
 * @throws Error when the file is missing or not a byte-fallback BPE tokenizer with SigLIP 2's special ids.
 * @throws RangeError naming the option that is none; when encoding, for a piece beyond `vocabSize`.
 * @example
 * const tokenizer = await loadTokenizer('model/tokenizer.json', { length: 64 });
 */
export async function loadTokenizer(
  source: string | object,
  options: TokenizerOptions = {},
): Promise<TextTokenizer> {
  check('tokenizer', tokenizerSchema, options);
  const { length = 64, letterCase = 'unicode', vocabSize: rows = Number.POSITIVE_INFINITY } = options;
  const listed = typeof source === 'string' ? await readTokenizerJson(source) : parseTokenizerJson(source);
  const json =
    typeof source === 'string' && options.vocabSize !== undefined
      ? withNamedTokens(listed, await readConfigTokens(source))
      : listed;
  const vocabulary = readVocabulary(json, rows);
  checkSpecials(vocabulary);
  const segment = createMerger(mergeRanks(json.model.merges), separableWords(Object.keys(json.model.vocab)));
  const pipeline = createPipeline(vocabulary, letterCase, segment);

  const encodeBatch = (texts: readonly string[]): NdArray<'int32'> => {
    const ids = new Int32Array(texts.length * length);
    texts.forEach((text, i) => {
      const pieces = pipeline.ids(text, length - 1);
      if (vocabulary.pieces.length > rows) checkRows(pieces, vocabulary.pieces, rows);
      writeSticky(pieces, ids.subarray(i * length, (i + 1) * length));
    });
    return int32([texts.length, length], ids);
  };
  return {
    length,
    letterCase,
    vocabSize: vocabulary.pieces.length,
    pieceIds: (text, most) => pipeline.ids(text, most),
    encode: (text) => encodeBatch([text]).data,
    encodeBatch,
    decode: (ids) => pipeline.decode(Array.from(ids)),
  };
}
