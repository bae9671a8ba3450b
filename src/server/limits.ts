const MIB = 2 ** 20;

/** What one request may ask for. */
export const LIMITS = {
  /** Bytes of one encoded image. */
  imageBytes: 20 * MIB,
  /** Pixels of one decoded image. */
  imagePixels: 50e6,
  /** Images in one request. */
  images: 16,
  /** Texts or labels in one request. */
  texts: 64,
  /** UTF-8 bytes of one text. */
  textBytes: 4096,
  /** Hits of one search. */
  hits: 200,
} as const;

/** Bytes of a whole JSON body: every text at its longest, written with escapes. */
export const JSON_BODY_BYTES = 2 * LIMITS.texts * LIMITS.textBytes;
/** Bytes of a whole form with one image. */
export const IMAGE_BODY_BYTES = LIMITS.imageBytes + JSON_BODY_BYTES;
/** Bytes of a whole form with several images. */
export const IMAGES_BODY_BYTES = 4 * LIMITS.imageBytes;
