/** A rectangle in shares of the picture's sides, 0 … 1 from its upper left corner. */
export interface Part {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** A grid of patches over a picture. */
export interface Grid {
  readonly rows: number;
  readonly columns: number;
  /**
   * What the grid lies over: less than the picture where a model leaves edges unread, more where it pads. A model that looks
   * at a square has as many rows as columns over any picture.
   */
  readonly area: Part;
}

export interface Cell {
  readonly row: number;
  readonly column: number;
}

/** The patch at a point of the picture, in shares of its sides; undefined where the model did not look. */
export function cellAt({ rows, columns, area }: Grid, x: number, y: number): Cell | undefined {
  const row = Math.floor(((y - area.y1) / (area.y2 - area.y1)) * rows);
  const column = Math.floor(((x - area.x1) / (area.x2 - area.x1)) * columns);
  return row >= 0 && row < rows && column >= 0 && column < columns ? { row, column } : undefined;
}

/** Where a patch lies in the picture; its sides may lie outside of it. */
export function partOf({ rows, columns, area }: Grid, { row, column }: Cell): Part {
  const height = (area.y2 - area.y1) / rows;
  const width = (area.x2 - area.x1) / columns;
  return {
    x1: area.x1 + width * column,
    y1: area.y1 + height * row,
    x2: area.x1 + width * (column + 1),
    y2: area.y1 + height * (row + 1),
  };
}

/** The patch beside another one, or the same one at the grid's edge. */
export function beside({ rows, columns }: Grid, { row, column }: Cell, down: number, right: number): Cell {
  const within = (value: number, count: number) => Math.min(Math.max(value, 0), count - 1);
  return { row: within(row + down, rows), column: within(column + right, columns) };
}
