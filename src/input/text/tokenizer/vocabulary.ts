import { PAD_ID } from '../../../model/config.ts';
import type { AddedToken } from './addedTokens.ts';
import type { TokenizerJson } from './tokenizerJson.ts';

/** Ids that every SigLIP 2 vocabulary has, trimmed or not (big_vision `ops_text.py`). */
export const SPECIAL_IDS = { pad: PAD_ID, eos: 1, bos: 2, unk: 3 } as const;

/** A vocabulary in both directions. */
export interface Vocabulary {
  /** Piece of each id: those of the model, then added tokens that are not among them. */
  readonly pieces: readonly string[];
  /** How many are the model's: what text is made of, where added tokens do not stand in it whole. */
  readonly modelPieces: number;
  /** Id of each piece. */
  readonly ids: ReadonlyMap<string, number>;
  /** Tokens that are cut out of texts whole. */
  readonly added: readonly AddedToken[];
}

/** Pieces of `model.vocab`, by id. */
function readPieces({ model: { vocab } }: TokenizerJson): { pieces: string[]; ids: Map<string, number> } {
  const names = Object.keys(vocab);
  const pieces = new Array<string>(names.length);
  const ids = new Map<string, number>();
  for (const piece of names) {
    const id: unknown = vocab[piece];
    const inRange = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < names.length;
    if (!inRange || pieces[id] !== undefined) {
      throw new Error(
        `the tokenizer's model.vocab gives ${JSON.stringify(piece)} the id ${JSON.stringify(id)}; ids have to be 0 to ${names.length - 1}, each used once`,
      );
    }
    pieces[id] = piece;
    ids.set(piece, id);
  }
  return { pieces, ids };
}

/** Added tokens in the order in which they are numbered. */
function listedTokens({ added_tokens }: TokenizerJson): Omit<AddedToken, 'id'>[] {
  // Of two with the same number the reference keeps the later one.
  const byId = [...new Map(added_tokens.map((token) => [token.id, token])).values()];
  return byId
    .sort((a, b) => a.id - b.id)
    .map((token) => ({
      content: token.content,
      special: token.special === true,
      normalized: token.normalized ?? token.special !== true,
      singleWord: token.single_word === true,
      lstrip: token.lstrip === true,
      rstrip: token.rstrip === true,
    }));
}

/**
 * Reads the vocabulary of a tokenizer.json. Added tokens are numbered as `transformers` does: one that is in
 * `model.vocab` has its id there, others follow after the last piece in the order of the ids that the file gives them.
 * @param rows rows of the model's embedding table. An added token beyond it has no embedding, and is read as ordinary
 * text: `transformers` gives every saved tokenizer a `<mask>`, also where the model knows none. Default: all are kept.
 * @throws Error when the ids of `model.vocab` are not 0 … n−1, each once.
 */
export function readVocabulary(json: TokenizerJson, rows = Number.POSITIVE_INFINITY): Vocabulary {
  const { pieces, ids } = readPieces(json);
  const modelPieces = pieces.length;
  const added = new Map<string, AddedToken>();
  for (const token of listedTokens(json)) {
    const id = ids.get(token.content) ?? pieces.length;
    if (token.content === '' || (id === pieces.length && id >= rows)) continue;
    if (id === pieces.length) pieces.push(token.content);
    ids.set(token.content, id);
    added.set(token.content, { ...token, id });
  }
  return { pieces, modelPieces, ids, added: [...added.values()] };
}

/** @throws Error when pad, eos, bos or unk has another id than SigLIP 2's. */
export function checkSpecials({ ids }: Vocabulary): void {
  for (const [name, id] of Object.entries(SPECIAL_IDS)) {
    const found = ids.get(`<${name}>`);
    if (found !== id) {
      throw new Error(
        `the tokenizer's <${name}> has id ${found}, but SigLIP 2 needs ${id}; use the tokenizer.json of the checkpoint`,
      );
    }
  }
}
