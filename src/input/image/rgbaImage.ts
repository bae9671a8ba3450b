/** Square 8-bit pictures with straight (not premultiplied) alpha: size × size × 4 bytes, red first. */
export type RgbaPixels = Uint8Array;

/** A picture with straight alpha: height × width × 4 bytes. */
export interface RgbaImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * Lays a picture over one background colour.
 * @param background red, green, blue in 0 … 255 (integers)
 * @returns pixels × 3 bytes RGB
 * @example
 * const onWhite = composite(Uint8Array.of(255, 0, 0, 128));
 */
export function composite(
  rgba: RgbaPixels,
  background: readonly [number, number, number] = [255, 255, 255],
): Uint8Array {
  const pixels = rgba.length / 4;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const alpha = rgba[i * 4 + 3]!;
    for (let c = 0; c < 3; c++) {
      rgb[i * 3 + c] = Math.round((rgba[i * 4 + c]! * alpha + background[c]! * (255 - alpha)) / 255);
    }
  }
  return rgb;
}
