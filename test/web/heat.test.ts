import { expect, it } from 'vitest';
import { HEAT_COLOURS } from '../../src/search/regions/heatColours.ts';
import { cellAt, partOf } from '../../web/picture/heat/heatGrid.ts';
import { heatPixels, stretched } from '../../web/picture/heat/heatPixels.ts';
import { partText } from '../../web/picture/heat/partText.ts';

/** A grid over the middle of a picture, whose edges the model leaves unread. */
const grid = { rows: 2, columns: 2, area: { x1: 0.25, y1: 0, x2: 0.75, y2: 1 } };

it('a heatmap has the colours of the command, where its grid lies, and is clear elsewhere', () => {
  const pixels = heatPixels(
    grid,
    [
      [1, 1],
      [1, 1],
    ],
    8,
    4,
  );
  const at = (x: number, y: number) => [...pixels.subarray(4 * (8 * y + x), 4 * (8 * y + x) + 4)];
  expect(at(2, 1)).toEqual([...HEAT_COLOURS.subarray(3 * 255), 255]);
  expect([at(1, 1), at(6, 1)]).toEqual([
    [0, 0, 0, 0],
    [0, 0, 0, 0],
  ]);
});

it('a point of the picture and its patch belong together', () => {
  expect(cellAt(grid, 0.6, 0.1)).toEqual({ row: 0, column: 1 });
  expect(cellAt(grid, 0.1, 0.1)).toBeUndefined();
  expect(partOf(grid, { row: 1, column: 0 })).toEqual({ x1: 0.25, y1: 0.5, x2: 0.5, y2: 1 });
});

it('the chosen patch does not flatten the colours of the others', () => {
  const { values, least, most } = stretched([[1, 0.2, 0.4]], (_, column) => column === 0);
  expect({ values, least, most }).toEqual({ values: [[1, 0, 1]], least: 0.2, most: 0.4 });
});

it('a part is told in words', () => {
  expect(partText({ x1: 0, y1: 0, x2: 0.2, y2: 0.5 })).toBe('upper left, 10 % of the picture');
});
