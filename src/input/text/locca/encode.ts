import { SPECIAL_IDS } from '../tokenizer/vocabulary.ts';
import {
  LOCCA_FORMAT,
  type LoccaContent,
  type LoccaFormat,
  type LoccaSegment,
  type LoccaTask,
  loccaParts,
} from './format.ts';

/** The part of a tokenizer that is needed here. */
export interface PieceEncoder {
  /** All ids of a text, without eos, truncation or padding. */
  pieceIds(text: string): number[];
}

/** A task's text for the decoder. */
export interface LoccaIds {
  /** Prefix, text and eos: at most the decoder's length. */
  readonly ids: readonly number[];
  /** How many of them are the task's prefix, which is not learnt. */
  readonly prefixLength: number;
}

const SPECIALS: readonly number[] = Object.values(SPECIAL_IDS).filter((id) => id !== SPECIAL_IDS.unk);

/** A segment as it stands in a task's text: from the space before it, with single spaces. */
export function segmentText(text: string): string {
  const words = text.trim().replace(/\s+/g, ' ');
  return words === '' ? '' : ` ${words}`;
}

/** Ids of a segment that follows another one. Special tokens typed in a caption would end it, and are left out. */
function segmentIds({ text }: LoccaSegment, tokenizer: PieceEncoder): number[] {
  return tokenizer.pieceIds(segmentText(text)).filter((id) => !SPECIALS.includes(id));
}

/** The ids of each segment, at most `room` in all, by cutting the one caption among them. */
function idsWithin(segments: readonly LoccaSegment[], tokenizer: PieceEncoder, room: number): number[][] {
  const parts = segments.map((segment) => ({ ...segment, ids: segmentIds(segment, tokenizer) }));
  const needed = parts.reduce((total, { ids, cuttable }) => total + (cuttable ? 0 : ids.length), 0);
  if (needed > room) {
    throw new RangeError(
      `a box and its separator need ${needed} tokens, and ${room} are left; use a longer decoder or a ` +
        'vocabulary that has the digits',
    );
  }
  return parts.map(({ ids, cuttable }) => (cuttable ? ids.slice(0, room - needed) : ids));
}

/**
 * A task's text as ids: prefix, segments and eos. A caption is cut where the whole would not fit; a box never is.
 *
 * Segments are tokenised one by one, each from the space before it. That equals tokenising the whole text in a
 * vocabulary whose pieces have spaces only in front (Gemma's), and it says exactly where the parts begin.
 * @param length the decoder's, at least the ids of prefix, box, separator and eos
 * @throws RangeError when the task needs a box and there is none, or `length` is too short for it
 */
export function encodeLocca(
  task: LoccaTask,
  content: LoccaContent,
  tokenizer: PieceEncoder,
  length: number,
  format: LoccaFormat = LOCCA_FORMAT,
): LoccaIds {
  const prefix = tokenizer.pieceIds(format.prefixes[task]);
  const { given, answer } = loccaParts(task, content, format);
  const parts = idsWithin([...given, ...answer], tokenizer, length - prefix.length - 1);
  return {
    ids: [...prefix, ...parts.flat(), SPECIAL_IDS.eos],
    prefixLength: prefix.length,
  };
}

/** What a decoder is asked: a caption; the box of a text; the text of a box. */
export type LoccaQuestion =
  | { readonly task: 'captioning' }
  | { readonly task: 'referring'; readonly caption: string }
  | { readonly task: 'groundedCaptioning'; readonly box: NonNullable<LoccaContent['box']> };

const NOWHERE = { y1: 0, x1: 0, y2: 0, x2: 0 };

/**
 * The ids that a task's text begins with, up to where the answer starts.
 * @param room the most ids that a prompt may have; a caption is cut to fit
 */
export function encodeQuestion(
  question: LoccaQuestion,
  tokenizer: PieceEncoder,
  room: number,
  format: LoccaFormat = LOCCA_FORMAT,
): number[] {
  const prefix = tokenizer.pieceIds(format.prefixes[question.task]);
  const content = { caption: '', box: NOWHERE, ...question };
  const { given } = loccaParts(question.task, content, format);
  return [...prefix, ...idsWithin(given, tokenizer, room - prefix.length).flat()];
}
