import type { Box } from '../../input/image/box.ts';
import type { ImageSource } from '../../input/image/imageSource.ts';

/** A text that describes a whole image. */
export interface Caption {
  readonly text: string;
  /** A language tag such as `en` or `pt-BR`; absent where nobody said. */
  readonly language?: string;
}

/** A part of an image and the words for it. */
export interface Region {
  /** Normalised: shares of the image's height and width, 0 … 1. */
  readonly box: Box;
  readonly text: string;
  readonly language?: string;
  /** How sure the annotator is, 0 … 1; absent where a person drew the box. */
  readonly score?: number;
  /** The outline: polygons of x, y pairs, normalised like the box. */
  readonly polygons?: readonly (readonly number[])[];
}

/** One image with what is said about it. */
export interface Sample {
  /** Names the sample within its source. */
  readonly key: string;
  /** A file's path, the file's bytes, or decoded pixels. Whoever needs pixels decodes (`toImage`). */
  readonly image: ImageSource;
  readonly captions: readonly Caption[];
  readonly regions?: readonly Region[];
  /** The source's name. */
  readonly source: string;
  /** What of its metadata could not be used, in sentences that begin with the field; it is counted and reported. */
  readonly odd?: readonly string[];
}

/** Why a sample can't be used. */
export type BadReason =
  | 'missing-image'
  | 'missing-caption'
  | 'undecodable'
  | 'too-large'
  | 'not-finite'
  | 'unreadable'
  | 'malformed-metadata'
  | 'unsafe-path'
  | 'not-a-file'
  | 'duplicate-member'
  | 'corrupt-archive'
  | 'truncated-archive';

/** What is skipped, counted and reported instead of a sample. */
export interface BadSample {
  readonly reason: BadReason;
  readonly key: string;
  readonly source: string;
  /** One sentence for people. */
  readonly detail: string;
}

/** What reading one sample gives. */
export type Read =
  | { readonly sample: Sample; readonly bad?: undefined }
  | { readonly bad: BadSample; readonly sample?: undefined };
