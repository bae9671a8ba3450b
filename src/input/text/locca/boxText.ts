import type { Box } from '../../image/box.ts';

/** How boxes are written as text: four integers with spaces between them, e.g. `12 40 350 401`. */
export interface BoxFormat {
  /** The number of the far edge: coordinates run from 0 to this. 500 is second-hand knowledge (docs/paper.md). */
  readonly maximum: number;
  /** Each of y1, x1, y2 and x2 once. Default y1 x1 y2 x2, from the same source. */
  readonly order: readonly (keyof Box)[];
}

export const BOX_FORMAT: BoxFormat = { maximum: 500, order: ['y1', 'x1', 'y2', 'x2'] };

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

/**
 * A box in words.
 * @param box in shares of the image's sides; what lies outside the image is cut off
 * @throws RangeError when a coordinate is not finite
 */
export function formatBox(box: Box, { maximum, order }: BoxFormat = BOX_FORMAT): string {
  const numbers = order.map((key) => {
    const value = box[key];
    if (!Number.isFinite(value)) throw new RangeError(`a box has ${key} = ${value}; it must be a number`);
    return Math.round(clamp(value, 0, 1) * maximum);
  });
  return numbers.join(' ');
}

function boxOf(numbers: readonly number[], { maximum, order }: BoxFormat): Box {
  const at = (key: keyof Box) => numbers[order.indexOf(key)]! / maximum;
  return { y1: at('y1'), x1: at('x1'), y2: at('y2'), x2: at('x2') };
}

/**
 * Reads exactly what {@link formatBox} writes.
 * @returns a box in shares of the image's sides; undefined for any other text, a number above the maximum, or edges in
 *   reversed order
 */
export function parseBox(text: string, format: BoxFormat = BOX_FORMAT): Box | undefined {
  if (!/^(0|[1-9]\d*)( (0|[1-9]\d*)){3}$/.test(text)) return undefined;
  const numbers = text.split(' ').map(Number);
  if (numbers.some((n) => n > format.maximum)) return undefined;
  const box = boxOf(numbers, format);
  return box.y1 <= box.y2 && box.x1 <= box.x2 ? box : undefined;
}

/**
 * Reads a box from what a model has written: the first four numbers, whatever stands between and around them. Numbers
 * above the maximum are cut off, and reversed edges are swapped.
 * @returns a box in shares of the image's sides; undefined when there are fewer than four numbers
 */
export function findBox(text: string, format: BoxFormat = BOX_FORMAT): Box | undefined {
  const numbers = (text.match(/\d+/g) ?? [])
    .slice(0, 4)
    .map((digits) => clamp(Number(digits), 0, format.maximum));
  if (numbers.length < 4) return undefined;
  const { y1, x1, y2, x2 } = boxOf(numbers, format);
  return { y1: Math.min(y1, y2), x1: Math.min(x1, x2), y2: Math.max(y1, y2), x2: Math.max(x1, x2) };
}
