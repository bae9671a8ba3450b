import { type Layout, type Row, rowAt, rowOfItem } from './layout.ts';

/** The next row of tiles above (−1) or below (1), passing headings. */
function tilesBeside(layout: Layout, { index }: Row, step: -1 | 1): Row | undefined {
  for (let next = index + step; next >= 0 && next < layout.rows; next += step) {
    const row = rowAt(layout, next);
    if (row.kind === 'tiles') return row;
  }
  return undefined;
}

/** The item in the same column, or the last one of a shorter row. */
function vertically(layout: Layout, item: number, step: -1 | 1, times: number): number {
  let row = rowOfItem(layout, item);
  const column = item - row.first;
  for (let i = 0; i < times; i++) row = tilesBeside(layout, row, step) ?? row;
  return Math.min(row.first + column, row.end - 1);
}

export interface Keyboard {
  /** Rows that are seen at once. */
  readonly pageRows: number;
  /** Whether lines run from right to left, and the arrow keys with them. */
  readonly isRightToLeft: boolean;
}

/**
 * Where a key leads from an item.
 * @param key as in `KeyboardEvent.key`; `Ctrl+` before Home and End leads to the first and the last of all
 * @returns undefined for a key that leads nowhere
 */
export function moved(layout: Layout, item: number, key: string, keyboard: Keyboard): number | undefined {
  const { pageRows, isRightToLeft } = keyboard;
  const last = layout.count - 1;
  const row = rowOfItem(layout, item);
  const [before, after] = isRightToLeft ? ['ArrowRight', 'ArrowLeft'] : ['ArrowLeft', 'ArrowRight'];
  switch (key) {
    case before:
      return Math.max(0, item - 1);
    case after:
      return Math.min(last, item + 1);
    case 'ArrowUp':
      return vertically(layout, item, -1, 1);
    case 'ArrowDown':
      return vertically(layout, item, 1, 1);
    case 'PageUp':
      return vertically(layout, item, -1, pageRows);
    case 'PageDown':
      return vertically(layout, item, 1, pageRows);
    case 'Home':
      return row.first;
    case 'End':
      return row.end - 1;
    case 'Ctrl+Home':
      return 0;
    case 'Ctrl+End':
      return last;
    default:
      return undefined;
  }
}
