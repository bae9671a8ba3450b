import { type LetterCase, lowerCase } from '../letterCase.ts';
import { createSplitter, type Part } from './addedTokens.ts';
import { SPACE_MARK } from './tokenizerForm.ts';
import { SPECIAL_IDS, type Vocabulary } from './vocabulary.ts';

/** Splits normalised text ("▁" for spaces, no added tokens inside) into pieces, one after another as they are asked for. */
export type Segment = (text: string) => Iterable<string>;

/** Text to pieces and back, without bos, eos, truncation or padding. */
export interface Pipeline {
  /** Piece strings of a text. */
  pieces(text: string): string[];
  /** Piece ids of a text; with `most`, the first so many of them, which a long text does not make dearer. */
  ids(text: string, most?: number): number[];
  /** Text of ids; special tokens are dropped. */
  decode(ids: readonly number[]): string;
}

const UNKNOWN = '<unk>';
const utf8 = new TextEncoder();

/** A lone surrogate has no UTF-8 form; it becomes U+FFFD, as in every UTF-8 encoder. */
const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

const bytePiece = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
/** The byte that a piece stands for. */
const byteOf = (piece: string): number | undefined =>
  /^<0x[0-9a-fA-F]{2}>$/.test(piece) ? Number.parseInt(piece.slice(3, 5), 16) : undefined;

/** A piece as the vocabulary has it: itself, its bytes, or unknown (once for a run of unknown ones). */
function pushKnown(piece: string, { ids, modelPieces }: Vocabulary, out: string[]): void {
  const known = (one: string) => (ids.get(one) ?? modelPieces) < modelPieces;
  if (known(piece)) {
    out.push(piece);
    return;
  }
  const bytes = Array.from(utf8.encode(piece), bytePiece);
  if (bytes.every(known)) out.push(...bytes);
  else if (out.at(-1) !== UNKNOWN) out.push(UNKNOWN);
}

/** Pieces to text: "▁" is a space, and runs of bytes are UTF-8. */
function joinPieces(pieces: readonly string[]): string {
  const parts: string[] = [];
  let bytes: number[] = [];
  const flush = () => {
    if (bytes.length > 0)
      parts.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes)));
    bytes = [];
  };
  for (const piece of pieces) {
    const byte = byteOf(piece);
    if (byte === undefined) {
      flush();
      parts.push(piece.replaceAll(SPACE_MARK, ' '));
    } else bytes.push(byte);
  }
  flush();
  return parts.join('');
}

/**
 * Text as transformers' `Siglip2Tokenizer` reads it, whatever steps a tokenizer.json names (all accepted ones mean the
 * same): added tokens are cut out, the rest is lower-cased and its spaces become "▁", added tokens that are looked for
 * after that are cut out, and `segment` merges what is left.
 */
export function createPipeline(vocabulary: Vocabulary, mode: LetterCase, segment: Segment): Pipeline {
  const normalise = (text: string) => lowerCase(text, mode).replaceAll(' ', SPACE_MARK);
  const plain = vocabulary.added.filter(({ normalized }) => !normalized);
  const normal = vocabulary.added.filter(({ normalized }) => normalized);
  const splitPlain = createSplitter(plain.map((token) => [token.content, token]));
  const splitNormal = createSplitter(normal.map((token) => [normalise(token.content), token]));
  const special = new Set(vocabulary.added.filter((token) => token.special).map(({ id }) => id));

  /** Stretches without added tokens as they are merged, and added tokens. */
  function* parts(text: string): Generator<Part> {
    for (const part of splitPlain(wellFormed(text))) {
      if (typeof part === 'string') yield* splitNormal(normalise(part));
      else yield part;
    }
  }
  /** At least `most` pieces, if there are so many: what is in the list already does not depend on what follows. */
  function pieces(text: string, most = Number.POSITIVE_INFINITY): string[] {
    const out: string[] = [];
    for (const part of parts(text)) {
      if (typeof part !== 'string') out.push(part.content);
      else {
        for (const piece of segment(part)) {
          pushKnown(piece, vocabulary, out);
          if (out.length >= most) return out;
        }
      }
      if (out.length >= most) return out;
    }
    return out;
  }
  return {
    pieces: (text) => pieces(text),
    ids: (text, most) =>
      pieces(text, most)
        .slice(0, most)
        .map((piece) => vocabulary.ids.get(piece) ?? SPECIAL_IDS.unk),
    decode: (ids) =>
      joinPieces(ids.filter((id) => !special.has(id)).map((id) => vocabulary.pieces[id] ?? UNKNOWN)),
  };
}
