/** a × b / 255, rounded: Pillow's `MULDIV255`. */
function scaleBy255(a: number, b: number): number {
  const t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

/** RGBA to RGB by forgetting alpha (Pillow's `convert('RGB')`). */
export function dropAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}

/** RGBA over a colour, with the rounding of Pillow's `Image.paste` with a mask. */
export function blendOver(rgba: Uint8Array, background: readonly [number, number, number]): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3]!;
    for (let c = 0; c < 3; c++) {
      const t = rgba[from + c]! * alpha + background[c]! * (255 - alpha) + 128;
      rgb[to + c] = ((t >> 8) + t) >> 8;
    }
  }
  return rgb;
}

/** CMYK (0 is no ink; further channels are ignored) to RGB without a colour profile: Pillow's `cmyk2rgb`. */
export function cmykToRgb(cmyk: Uint8Array, channels: number): Uint8Array {
  const rgb = new Uint8Array((cmyk.length / channels) * 3);
  for (let from = 0, to = 0; from < cmyk.length; from += channels, to += 3) {
    const light = 255 - cmyk[from + 3]!;
    for (let c = 0; c < 3; c++) rgb[to + c] = light - scaleBy255(cmyk[from + c]!, light);
  }
  return rgb;
}
