/** A file that a collection knows, as it was when it was read. */
export interface FileFacts {
  /** Absolute. */
  readonly path: string;
  readonly bytes: number;
  /** Time of the last change, whole milliseconds since 1970. */
  readonly modified: number;
  /** SHA-256 of its bytes, hexadecimal. */
  readonly hash: string;
  /**
   * With which options it was read, where they change what comes out, e.g. `frames every=2`; empty for image files. A
   * file that was read otherwise is read again.
   */
  readonly how: string;
}

/** What a picture is of its file: all of it, a frame of a video, or a page of a document. */
export type PictureKind = 'image' | 'frame' | 'page';
export const PICTURE_KINDS = ['image', 'frame', 'page'] as const satisfies readonly PictureKind[];

/** A picture in a file. */
export interface PictureFacts {
  readonly kind: PictureKind;
  /** A frame's time in seconds, a page's number from 1; 0 for an image. */
  readonly at: number;
  /** Pixels, turned upright as EXIF says. */
  readonly width: number;
  readonly height: number;
  /**
   * When it was taken (EXIF, or a video's own time), milliseconds since 1970. A camera that names no time zone is read as
   * UTC, so that a day is the day on its clock.
   */
  readonly taken?: number | undefined;
  /** Degrees, −90 … 90 and −180 … 180, where EXIF has a place. */
  readonly latitude?: number | undefined;
  readonly longitude?: number | undefined;
}

/** A picture of a collection. */
export interface Picture extends FileFacts, PictureFacts {
  /** Whole number from 1, unique in its collection; never given to another picture, also after this one is gone. */
  readonly id: number;
}
