import type { Encoder } from '../../encoder/encoder.ts';
import type { EncoderImage } from '../../input/image/imageSource.ts';
import type { PictureFacts } from '../collection/picture.ts';

/** A picture that was read from a file. */
export interface ReadPicture {
  readonly facts: PictureFacts;
  /** At the size of the model: small, so that several can wait for the encoder. */
  readonly image: EncoderImage;
}

/** The part of an encoder that says how pictures are read for it. */
export type PictureModel = Pick<Encoder, 'decode' | 'preprocessing'>;

export interface ReadOptions {
  readonly model: PictureModel;
  /** The file's bytes, where they are in memory already. Videos are read by their path alone. */
  readonly bytes?: Uint8Array | undefined;
  /** Ends the reading, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Reads the pictures of a kind of file. */
export interface PictureReader {
  /** With which options it reads, where they change what comes out: `FileFacts.how`. */
  readonly how: string;
  /**
   * The pictures in a file, in the order of `at`. Several files may be read at once.
   * @returns in the end what of the file could not be read, in words, e.g. `page 2 of 3 can't be drawn`; undefined where
   *   nothing is missing
   * @throws Error, `PATH: REASON`, for a file that cannot be read; the signal's reason when it was stopped
   */
  read(path: string, options: ReadOptions): AsyncGenerator<ReadPicture, string | undefined>;
}

/** What of files is read as pictures. */
export interface PictureOptions {
  /** Frames of videos, by ffmpeg: at 0 s, and after so many seconds each. Default: videos are left alone. */
  readonly frames?: { readonly everySeconds: number } | undefined;
  /** Pages of PDF documents. Default true. */
  readonly pages?: boolean | undefined;
}
