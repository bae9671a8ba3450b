import type { PatchScores } from '../../encoder/patchScores.ts';
import type { Box } from '../../input/image/box.ts';
import type { ImageSize } from '../../input/image/naflex/naflexSize.ts';
import { cosinesOf } from './heat.ts';

/** Cells that a square picture is cut into along a side; windows are some of them wide and high. */
const CELLS = 6;
/** A third, a half and two thirds of a square picture's side. */
const SIDES = [2, 3, 4] as const;

/**
 * The parts of a picture that are looked at one by one: all of it, and near-squares of three sizes that overlap, in pixels.
 * For a square picture there are 51.
 */
export function windowsOf({ height, width }: ImageSize): Box[] {
  const shape = Math.sqrt(width / height);
  const rows = Math.max(1, Math.round(CELLS / shape));
  const columns = Math.max(1, Math.round(CELLS * shape));
  const boxes: Box[] = [{ y1: 0, x1: 0, y2: height, x2: width }];
  for (const side of SIDES)
    for (let top = 0; top + side <= rows; top++)
      for (let left = 0; left + side <= columns; left++)
        boxes.push({
          y1: (height * top) / rows,
          x1: (width * left) / columns,
          y2: (height * (top + side)) / rows,
          x2: (width * (left + side)) / columns,
        });
  return boxes;
}

/** The mean cosine of the patches whose middle lies in a box; that of the nearest where none does. */
export function heatIn(scores: PatchScores, query: number, { y1, x1, y2, x2 }: Box): number {
  const { area, rows, columns } = scores;
  const values = cosinesOf(scores, query);
  const [height, width] = [(area.y2 - area.y1) / rows, (area.x2 - area.x1) / columns];
  const cellsIn = (from: number, to: number, start: number, step: number, count: number) => {
    const clamp = (cell: number) => Math.min(Math.max(cell, 0), count - 1);
    const first = clamp(Math.ceil((from - start) / step - 0.5));
    return [first, Math.max(first, clamp(Math.ceil((to - start) / step - 0.5) - 1))] as const;
  };
  const [top, bottom] = cellsIn(y1, y2, area.y1, height, rows);
  const [left, right] = cellsIn(x1, x2, area.x1, width, columns);
  let sum = 0;
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) sum += values[row * columns + column]!;
  return sum / ((bottom - top + 1) * (right - left + 1));
}
