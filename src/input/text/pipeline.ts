import { Tokenizer } from '@huggingface/tokenizers';
import { type LetterCase, lowerCase } from './letter-case.ts';
import type { TokenizerJson } from './tokenizer-json.ts';
import { SPECIAL_IDS, type Vocabulary } from './vocabulary.ts';

/** Splits normalised text ("▁" for spaces, no special tokens inside) into pieces. */
export type Segment = (text: string) => string[];

/** Text to pieces and back, without bos, eos, truncation or padding. */
export interface Pipeline {
  /** Piece strings of a text. */
  pieces(text: string): string[];
  /** Piece ids of a text. */
  ids(text: string): number[];
  /** Text of ids; special tokens are dropped. */
  decode(ids: number[]): string;
}

/** The part of the library's tokenizer used here; its published types do not resolve under NodeNext. */
interface Backend {
  readonly model: { bpe: Segment; vocab: unknown; tokens_to_ids: unknown; unk_token_id: unknown };
  normalizer: ((text: string) => string) | null;
  encode(text: string, options: { add_special_tokens: boolean }): { ids: number[]; tokens: string[] };
  decode(ids: number[], options: { skip_special_tokens: boolean }): string;
}

/** A lone surrogate has no UTF-8 form; it becomes U+FFFD, as in every UTF-8 encoder. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/**
 * Ends every normalised section. Without it the library takes a section that lower-cases to exactly a special
 * token (`<EOS>`) for that token, which the reference does not. No well-formed text holds a lone surrogate.
 */
const SECTION_END = '\uDC00';

/**
 * The library's pipeline (special tokens, normaliser, byte fallback, decoder) with two parts put in place:
 * lower-casing comes before the file's own normaliser and after special tokens are cut out, where transformers'
 * `Siglip2Tokenizer` has it; and `segment` does the merging, because the library's tables take most of its
 * loading time for the 256k vocabulary.
 */
export function createPipeline(
  json: TokenizerJson,
  vocabulary: Vocabulary,
  mode: LetterCase,
  segment: Segment,
): Pipeline {
  const emptied = { ...json, model: { ...json.model, vocab: {}, merges: [] } };
  const backend: Backend = new Tokenizer(emptied, { clean_up_tokenization_spaces: false });
  backend.model.vocab = vocabulary.pieces;
  backend.model.tokens_to_ids = vocabulary.ids;
  backend.model.unk_token_id = SPECIAL_IDS.unk;
  const next = backend.normalizer;
  backend.normalizer = (text) => {
    const lowered = lowerCase(text, mode);
    return (next === null ? lowered : next(lowered)) + SECTION_END;
  };
  backend.model.bpe = (text) => segment(text.endsWith(SECTION_END) ? text.slice(0, -1) : text);
  const encode = (text: string) => backend.encode(wellFormed(text), { add_special_tokens: false });
  return {
    pieces: (text) => encode(text).tokens,
    ids: (text) => encode(text).ids,
    decode: (ids) => (ids.length === 0 ? '' : backend.decode(ids, { skip_special_tokens: true })),
  };
}
