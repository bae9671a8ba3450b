/** Cells of a grid that hang together, by index (row · columns + column), ascending. */
export type Component = readonly number[];

/** Groups the marked cells of a grid that touch at a side, in the order of their first cell. */
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
