import type { SaidLength } from './probeVideo.ts';

/** Seconds, and share of the length, by which a whole video may be shorter than its file says: sound goes on, clocks round. */
const SLACK_SECONDS = 1;
const SLACK_SHARE = 0.02;

/** How decoding ended. */
export interface DecodingEnd {
  /** Whether ffmpeg says that it failed. */
  readonly isFailed: boolean;
  /** The last that it complained of; empty where all was well. */
  readonly complaint: string;
}

const rounded = (seconds: number): number => Math.round(seconds * 10) / 10;

/**
 * What is missing of a video that gave so many frames, in words; undefined where it is whole. A file that says no length
 * (MPEG-TS, and what a browser records) and is cut off between two pictures can't be told from a shorter one.
 */
export function missingPart(
  frames: number,
  everySeconds: number,
  length: SaidLength | undefined,
  { isFailed, complaint }: DecodingEnd,
): string | undefined {
  const at = rounded(frames * everySeconds);
  const isComplaining = isFailed || complaint !== '';
  const why = complaint === '' ? '' : ` (ffmpeg: ${complaint})`;
  if (!length) return isComplaining ? `breaks off before ${at} s${why}` : undefined;
  const { seconds, isOfPictures } = length;
  const missing = Math.ceil(seconds / everySeconds - 1e-3) - frames;
  const isFarShort = seconds - at > everySeconds + SLACK_SECONDS + SLACK_SHARE * seconds;
  const isShort = missing > 0 && (isComplaining || (isOfPictures && isFarShort));
  if (!isShort && !isFailed) return undefined;
  return `breaks off before ${at} s of its ${rounded(seconds)} s${why}`;
}
