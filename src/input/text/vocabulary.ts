import { PAD_ID } from '../../model/config.ts';
import type { TokenizerJson } from './tokenizer-json.ts';

/** Ids that every SigLIP 2 vocabulary has, trimmed or not (SPEC F.2). */
export const SPECIAL_IDS = { pad: PAD_ID, eos: 1, bos: 2, unk: 3 } as const;

/** A vocabulary in both directions. */
export interface Vocabulary {
  /** Piece of each id. */
  readonly pieces: readonly string[];
  /** Id of each piece. */
  readonly ids: ReadonlyMap<string, number>;
}

/**
 * Reads the vocabulary of a tokenizer.json.
 * @throws Error when ids are not 0 … n−1, each once, or an added token is not in the vocabulary under its id.
 */
export function readVocabulary(json: TokenizerJson): Vocabulary {
  const names = Object.keys(json.model.vocab);
  const pieces = new Array<string>(names.length);
  const ids = new Map<string, number>();
  for (const piece of names) {
    const id: unknown = json.model.vocab[piece];
    const inRange = typeof id === 'number' && Number.isInteger(id) && id >= 0 && id < names.length;
    if (!inRange || pieces[id] !== undefined) {
      throw new Error(
        `the tokenizer's model.vocab gives ${JSON.stringify(piece)} the id ${JSON.stringify(id)}; ids have to be 0 to ${names.length - 1}, each used once`,
      );
    }
    pieces[id] = piece;
    ids.set(piece, id);
  }
  for (const { content, id } of json.added_tokens) {
    if (ids.get(content) !== id) {
      throw new Error(
        `the tokenizer's added token ${JSON.stringify(content)} has id ${id}, but model.vocab gives it ${ids.get(content)}; both have to agree`,
      );
    }
  }
  return { pieces, ids };
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
