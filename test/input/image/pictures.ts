import type { RgbImage } from '../../../src/input/image/rgbImage.ts';

/** The pictures of parity/images.py, by the same integer formulas. */
export const pictures: Readonly<Record<string, (height: number, width: number) => RgbImage>> = {
  noise: (height, width) =>
    draw(height, width, (y, x, c) => {
      let h = (Math.imul(x, 374761393) + Math.imul(y, 668265263) + Math.imul(c, 2147483647)) >>> 0;
      h = Math.imul(h ^ (h >>> 13), 1274126177) >>> 0;
      return (h ^ (h >>> 16)) & 255;
    }),
  gradient: (height, width) =>
    draw(height, width, (y, x, c) => Math.floor((x * (3 + c) + y * (5 - c) + c * 40) / 2) % 256),
  circle: (height, width) =>
    draw(height, width, (y, x, c) => {
      const reach = (2 * x + 1 - width) ** 2 * height ** 2 + (2 * y + 1 - height) ** 2 * width ** 2;
      const inside = reach * 16 <= 9 * (height * width) ** 2;
      return (inside ? [20, 40, 230] : [250, 10, 0])[c]!;
    }),
};

function draw(height: number, width: number, value: (y: number, x: number, c: number) => number): RgbImage {
  const data = new Uint8Array(height * width * 3);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++) data[at++] = value(y, x, c);
  }
  return { width, height, data };
}
