import { atLeastOne, check, count, optional, type Rules, settings } from '../../../tensor/settings.ts';
import { type LetterCase, letterCaseRule } from '../letterCase.ts';
import { mergeKey } from '../tokenizer/bpe.ts';
import { parseTokenizerJson, type TokenizerJson } from '../tokenizer/tokenizerJson.ts';
import { readVocabulary, type Vocabulary } from '../tokenizer/vocabulary.ts';
import { type PieceUsage, pieceUsage } from './pieceUsage.ts';

export interface TrimOptions {
  /**
   * Upper bound on the pieces kept. Without it every piece the corpus needs is kept and its ids are exact;
   * with it the pieces that shorten the corpus most are kept, and rarer text is cut into smaller pieces.
   */
  readonly maxPieces?: number;
  /**
   * Rows of the embedding table. Added tokens beyond it, which have no embedding, are dropped. Default: all tokens have one.
   */
  readonly vocabSize?: number;
  /** As the text will be encoded later. Default `unicode`. */
  readonly letterCase?: LetterCase;
}

/** The rule of each field, for options that have them among others. */
export const trimRules: Rules<TrimOptions> = {
  maxPieces: optional(atLeastOne),
  vocabSize: optional(count),
  letterCase: optional(letterCaseRule),
};

const trimSchema = settings<TrimOptions>(trimRules);

export interface TrimmedTokenizer {
  /** A valid Hugging Face tokenizer.json with the kept pieces only. */
  readonly tokenizerJson: TokenizerJson;
  /** Old id of each new id, ascending; also the rows of the embedding table to keep. */
  readonly kept: Int32Array;
}

/** Pieces without which some text could not be encoded: specials and the 256 bytes. */
function indispensable({ ids, added }: Vocabulary): Set<string> {
  const kept = new Set<string>();
  for (const token of added) if (token.special) kept.add(token.content);
  for (let byte = 0; byte < 256; byte++) {
    const piece = `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
    // Gemma writes the byte 0x09 as the tab itself.
    kept.add(ids.has(piece) ? piece : String.fromCharCode(byte));
  }
  for (const piece of kept) {
    if (!ids.has(piece)) {
      throw new Error(
        `the tokenizer has no piece ${JSON.stringify(piece)}; byte fallback needs all 256 bytes`,
      );
    }
  }
  return kept;
}

const utf8 = new TextEncoder();
const isCharacter = (piece: string): boolean =>
  piece.length === String.fromCodePoint(piece.codePointAt(0)!).length;

/** Ids that keeping a piece saves on the corpus: a merge saves one each time, a character its extra bytes. */
function savedIds(piece: string, { count }: PieceUsage): number {
  if (!isCharacter(piece)) return count;
  const extraBytes = utf8.encode(piece).length - 1;
  // ASCII saves nothing against its byte, but every merge starts from it.
  return extraBytes === 0 ? Number.POSITIVE_INFINITY : count * extraBytes;
}

/** A piece with everything that it is merged from and that is not kept yet. */
function withParts(
  piece: string,
  usage: ReadonlyMap<string, PieceUsage>,
  kept: ReadonlySet<string>,
): Set<string> {
  const wanted = new Set<string>();
  const open = [piece];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (kept.has(next) || wanted.has(next)) continue;
    wanted.add(next);
    open.push(...(usage.get(next)?.parts ?? []));
  }
  return wanted;
}

function select(
  required: ReadonlySet<string>,
  { ids }: Vocabulary,
  usage: ReadonlyMap<string, PieceUsage>,
  maxPieces: number,
): Set<string> {
  const kept = new Set(required);
  if (kept.size > maxPieces) {
    throw new RangeError(
      `maxPieces is ${maxPieces}, but special tokens and bytes alone are ${kept.size}; raise it above that`,
    );
  }
  const candidates = [...usage]
    .filter(([piece]) => ids.has(piece))
    .map(([piece, use]) => ({ piece, saved: savedIds(piece, use), id: ids.get(piece)! }))
    .sort((a, b) => (a.saved === b.saved ? a.id - b.id : b.saved - a.saved));
  for (const { piece } of candidates) {
    const wanted = withParts(piece, usage, kept);
    if (kept.size + wanted.size > maxPieces) continue;
    for (const part of wanted) kept.add(part);
  }
  return kept;
}

function shrink(json: TokenizerJson, kept: ReadonlySet<string>, pieces: readonly string[]): TokenizerJson {
  const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]));
  const merges = json.model.merges.filter((merge) => {
    const key = mergeKey(merge);
    const gap = key.indexOf(' ');
    const [left, right] = [key.slice(0, gap), key.slice(gap + 1)];
    return kept.has(left) && kept.has(right) && kept.has(left + right);
  });
  const added_tokens = json.added_tokens
    .filter((token) => kept.has(token.content))
    .map((token) => ({ ...token, id: vocab[token.content]! }));
  return { ...json, added_tokens, model: { ...json.model, vocab, merges } };
}

/**
 * Cuts a tokenizer's vocabulary down to what a corpus needs. Special tokens and the 256 bytes always stay, so
 * any text still encodes; pieces keep their order, so pad, eos, bos and unk stay 0 to 3.
 *
 * Without `maxPieces` every text of the corpus gets the same pieces as before: each piece that its merges pass
 * through is kept, and a merge that the full list would not have made is not made by a part of it either.
 * With `maxPieces` that holds for words whose pieces were all kept; other words become more, smaller pieces.
 *
 * @param source a parsed tokenizer.json. @param corpus texts as they will be encoded (prompts included).
 * @throws RangeError when `maxPieces` is below the specials and bytes, or naming an option that is none. @throws Error when `source` is malformed.
 * @example
 * const json = await readJson('model/tokenizer.json');
 * if (typeof json === 'object' && json !== null) {
 *   const { tokenizerJson, kept } = trimTokenizer(json, ['a photo of a cat']);
 *   await writeJson('small/tokenizer.json', tokenizerJson);
 *   console.log(kept.length);
 * }
 */
export function trimTokenizer(
  source: object,
  corpus: Iterable<string>,
  options: TrimOptions = {},
): TrimmedTokenizer {
  check('trim', trimSchema, options);
  const { maxPieces = Number.POSITIVE_INFINITY, letterCase = 'unicode' } = options;
  const json = parseTokenizerJson(source);
  const vocabulary = readVocabulary(json, options.vocabSize);
  const usage = pieceUsage(json, vocabulary, corpus, letterCase);
  const kept = select(indispensable(vocabulary), vocabulary, usage, maxPieces);
  const keptIds = Int32Array.from(kept, (piece) => vocabulary.ids.get(piece)!).sort();
  const pieces = Array.from(keptIds, (id) => vocabulary.pieces[id]!);
  return { tokenizerJson: shrink(json, kept, pieces), kept: keptIds };
}
