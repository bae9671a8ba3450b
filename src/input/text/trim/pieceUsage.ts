import type { LetterCase } from '../letterCase.ts';
import { mergeRanks, mergeWord, separableWords, splitWords } from '../tokenizer/bpe.ts';
import { createPipeline } from '../tokenizer/pipeline.ts';
import type { TokenizerJson } from '../tokenizer/tokenizerJson.ts';
import type { Vocabulary } from '../tokenizer/vocabulary.ts';

/** How often a corpus passes through one piece, and what the piece is made of. */
export interface PieceUsage {
  /** Times the piece is started from (a character), made by a merge, or found as an added token. */
  count: number;
  /** The two pieces whose merge makes it most recently seen; absent for characters and added tokens. */
  parts?: readonly [string, string];
}

const bump = (usage: Map<string, PieceUsage>, piece: string, by: number): PieceUsage => {
  const found = usage.get(piece);
  if (found !== undefined) {
    found.count += by;
    return found;
  }
  const created = { count: by };
  usage.set(piece, created);
  return created;
};

/**
 * Every piece that encoding a corpus passes through: its characters, what each merge makes (also what later
 * merges swallow) and the added tokens in it. Characters without a piece of their own are included.
 */
export function pieceUsage(
  json: TokenizerJson,
  vocabulary: Vocabulary,
  corpus: Iterable<string>,
  letterCase: LetterCase,
): Map<string, PieceUsage> {
  const ranks = mergeRanks(json.model.merges);
  const byWord = separableWords(vocabulary.pieces);
  // Words are counted first and merged once each: a corpus repeats most of them.
  const words = new Map<string, number>();
  const pipeline = createPipeline(vocabulary, letterCase, (text) => {
    for (const word of byWord ? splitWords(text) : [text]) words.set(word, (words.get(word) ?? 0) + 1);
    return [];
  });
  const usage = new Map<string, PieceUsage>();
  // The recorder above returns no pieces, so all that comes out are added tokens.
  for (const text of corpus) for (const token of pipeline.pieces(text)) bump(usage, token, 1);
  for (const [word, count] of words) {
    for (const character of word) bump(usage, character, count);
    mergeWord(word, ranks, (left, right) => {
      bump(usage, left + right, count).parts = [left, right];
    });
  }
  return usage;
}
