/** Cells of a grid that hang together, by index (row · columns + column), ascending. */
export type Component = readonly number[];

/**
 * Groups the marked cells of a grid that touch at a side, in the order of their first cell.
 * @example
 * const [first] = connectedComponents([1, 1, 0, 0], 2, 2);
 */
export function connectedComponents(marked: ArrayLike<unknown>, rows: number, columns: number): Component[] {
  const open = Uint8Array.from({ length: rows * columns }, (_, cell) => (marked[cell] ? 1 : 0));
  const components: Component[] = [];
  for (let first = 0; first < open.length; first++) {
    if (!open[first]) continue;
    open[first] = 0;
    const cells = [first];
    for (let at = 0; at < cells.length; at++) {
      const cell = cells[at]!;
      const column = cell % columns;
      const neighbours = [
        ...(cell >= columns ? [cell - columns] : []),
        ...(column > 0 ? [cell - 1] : []),
        ...(column < columns - 1 ? [cell + 1] : []),
        ...(cell < (rows - 1) * columns ? [cell + columns] : []),
      ];
      for (const neighbour of neighbours) {
        if (!open[neighbour]) continue;
        open[neighbour] = 0;
        cells.push(neighbour);
      }
    }
    components.push(cells.sort((a, b) => a - b));
  }
  return components;
}

/**
 * Rows and columns of a grid that a component reaches: the first ones, and those after the last.
 * @example
 * const [first] = connectedComponents([1, 1, 0, 0], 2, 2);
 * if (first) console.log(componentBounds(first, 2));
 */
export function componentBounds(component: Component, columns: number) {
  const bounds = { top: Number.POSITIVE_INFINITY, left: Number.POSITIVE_INFINITY, bottom: 0, right: 0 };
  for (const cell of component) {
    const [row, column] = [Math.floor(cell / columns), cell % columns];
    bounds.top = Math.min(bounds.top, row);
    bounds.left = Math.min(bounds.left, column);
    bounds.bottom = Math.max(bounds.bottom, row + 1);
    bounds.right = Math.max(bounds.right, column + 1);
  }
  return bounds;
}
