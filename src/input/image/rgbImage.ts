/** An 8-bit sRGB image in host memory: rows from the top, pixels from the left, channels interleaved. */
export interface RgbImage {
  readonly width: number;
  readonly height: number;
  /** Height × width × 3 bytes, red first. */
  readonly data: Uint8Array;
}

/**
 * Wraps pixels in an {@link RgbImage}.
 * @throws RangeError when a side is not a positive integer or the data's length is not width × height × 3.
 * @example
 * const red = rgbImage(1, 1, Uint8Array.of(255, 0, 0));
 */
export function rgbImage(width: number, height: number, data: Uint8Array): RgbImage {
  const image = { width, height, data };
  checkImage(image);
  return image;
}

/** An image of float values, laid out like {@link RgbImage}. */
export interface FloatImage {
  readonly width: number;
  readonly height: number;
  /** Height × width × 3 values, red first. */
  readonly data: Float32Array;
}

/**
 * @throws RangeError when a side is not a positive integer or the data's length is not width × height × 3.
 */
export function checkImage(image: RgbImage | FloatImage): void {
  checkSize(image.width, image.height);
  const expected = image.width * image.height * 3;
  if (image.data.length !== expected) {
    throw new RangeError(
      `A ${image.width}×${image.height} RGB image needs ${expected} values, got ${image.data.length}: pass interleaved RGB without alpha or row padding.`,
    );
  }
}

/** @throws RangeError when a side is not a positive integer. */
export function checkSize(width: number, height: number): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new RangeError(`An image's sides must be positive integers, got ${width}×${height}.`);
  }
}
