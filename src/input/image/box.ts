import type { ImageSize } from './naflex/naflexSize.ts';

/**
 * A rectangle in an image: from (y1, x1), its first row and column, to (y2, x2), which are outside of it. Fractions of
 * pixels are fine. A box is in pixels or, normalised, in shares of the image's height and width (0 … 1). The order
 * y1 x1 y2 x2 is LocCa's (docs/paper.md).
 */
export interface Box {
  readonly y1: number;
  readonly x1: number;
  readonly y2: number;
  readonly x2: number;
}

/**
 * Area of a box; 0 where a side is empty or reversed.
 * @example
 * console.log(boxArea({ y1: 0, x1: 0, y2: 0.5, x2: 0.5 })); // 0.25
 */
export const boxArea = ({ y1, x1, y2, x2 }: Box): number => Math.max(0, y2 - y1) * Math.max(0, x2 - x1);

/** What two boxes share. Its area is 0 where they do not meet. */
export const intersection = (a: Box, b: Box): Box => ({
  y1: Math.max(a.y1, b.y1),
  x1: Math.max(a.x1, b.x1),
  y2: Math.min(a.y2, b.y2),
  x2: Math.min(a.x2, b.x2),
});

/**
 * Intersection over union, 0 … 1. Two empty boxes have 0. Both boxes must be in the same unit.
 * @example
 * const half = { y1: 0, x1: 0, y2: 1, x2: 0.5 };
 * console.log(intersectionOverUnion(half, { ...half, x2: 1 })); // 0.5
 */
export function intersectionOverUnion(a: Box, b: Box): number {
  const shared = boxArea(intersection(a, b));
  const union = boxArea(a) + boxArea(b) - shared;
  return union > 0 ? shared / union : 0;
}

/**
 * The same box with y multiplied by one factor and x by another.
 * @example
 * const pixels = scaleBox({ y1: 0, x1: 0.5, y2: 1, x2: 1 }, 200, 400);
 */
export const scaleBox = ({ y1, x1, y2, x2 }: Box, y: number, x: number): Box => ({
  y1: y1 * y,
  x1: x1 * x,
  y2: y2 * y,
  x2: x2 * x,
});

/**
 * Pixels to shares of the image's sides.
 * @example
 * const box = normaliseBox({ y1: 10, x1: 20, y2: 110, x2: 220 }, { height: 200, width: 400 });
 */
export const normaliseBox = (box: Box, { height, width }: ImageSize): Box =>
  scaleBox(box, 1 / height, 1 / width);
