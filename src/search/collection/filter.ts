import type { PictureKind } from './picture.ts';

/** Which pictures are looked at: those for which all that is given holds. */
export interface PictureFilter {
  /** Absolute path of a folder (with all below it) or of a file. */
  readonly folder?: string | undefined;
  /** From and before: milliseconds since 1970; of when it was taken, else of its file's last change. */
  readonly from?: number | undefined;
  readonly before?: number | undefined;
  /** Bytes of the file. */
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  /** Pixels of the shorter side. */
  readonly minSide?: number | undefined;
  readonly maxSide?: number | undefined;
  /** Taken within so many kilometres of a place (great circle). Pictures without a place are left out. */
  readonly near?:
    | { readonly latitude: number; readonly longitude: number; readonly kilometres: number }
    | undefined;
  readonly kinds?: readonly PictureKind[] | undefined;
  /** Ids that are left out, e.g. of the picture that "more like this" starts from. */
  readonly without?: readonly number[] | undefined;
}
