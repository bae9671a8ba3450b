/** Sizes of what a grid shows, in pixels. */
export interface Metrics {
  readonly columns: number;
  readonly tileHeight: number;
  readonly gap: number;
  readonly headingHeight: number;
}

/** Items one after another, with a heading or without one. */
export interface Section {
  readonly hasHeading: boolean;
  readonly count: number;
}

/** A line of a grid: a heading, or tiles side by side. */
export interface Row {
  /** Counted from 0 through the whole grid, headings included. */
  readonly index: number;
  readonly kind: 'heading' | 'tiles';
  readonly section: number;
  readonly top: number;
  readonly height: number;
  /** Its items, counted through the whole grid: from the first to before the end. */
  readonly first: number;
  readonly end: number;
}

interface Block {
  readonly section: number;
  readonly hasHeading: boolean;
  readonly top: number;
  readonly firstRow: number;
  readonly rows: number;
  readonly first: number;
  readonly count: number;
}

/** Where everything of a grid is. All rows of tiles have one height, so a row among 100,000 is found by arithmetic. */
export interface Layout {
  readonly metrics: Metrics;
  readonly blocks: readonly Block[];
  readonly height: number;
  readonly rows: number;
  readonly count: number;
}

const headingOf = ({ hasHeading }: Section, { headingHeight }: Metrics): number =>
  hasHeading ? headingHeight : 0;

export function layoutOf(sections: readonly Section[], metrics: Metrics): Layout {
  const { columns, tileHeight, gap } = metrics;
  const blocks: Block[] = [];
  let [top, row, item] = [0, 0, 0];
  for (const [section, { hasHeading, count }] of sections.entries()) {
    const tileRows = Math.ceil(count / columns);
    const rows = tileRows + (hasHeading ? 1 : 0);
    blocks.push({ section, hasHeading, top, firstRow: row, rows, first: item, count });
    top += headingOf({ hasHeading, count }, metrics) + tileRows * (tileHeight + gap);
    row += rows;
    item += count;
  }
  return { metrics, blocks, height: Math.max(0, top - gap), rows: row, count: item };
}

/** @param index 0 … `rows` − 1 */
export function rowAt({ blocks, metrics }: Layout, index: number): Row {
  const block = blocks.findLast(({ firstRow, rows }) => rows > 0 && firstRow <= index);
  if (!block) throw new RangeError(`the grid has no row ${index}`);
  const { columns, tileHeight, gap, headingHeight } = metrics;
  const { section, first, count } = block;
  if (block.hasHeading && index === block.firstRow) {
    return { index, kind: 'heading', section, top: block.top, height: headingHeight, first, end: first };
  }
  const line = index - block.firstRow - (block.hasHeading ? 1 : 0);
  return {
    index,
    kind: 'tiles',
    section,
    top: block.top + (block.hasHeading ? headingHeight : 0) + line * (tileHeight + gap),
    height: tileHeight,
    first: first + line * columns,
    end: first + Math.min(count, (line + 1) * columns),
  };
}

/** The row that has an item. */
export function rowOfItem(layout: Layout, item: number): Row {
  const block = layout.blocks.find(({ first, count }) => item >= first && item < first + count);
  if (!block) throw new RangeError(`the grid has no item ${item}`);
  const line = Math.floor((item - block.first) / layout.metrics.columns);
  return rowAt(layout, block.firstRow + (block.hasHeading ? 1 : 0) + line);
}

/** The first row whose end is below a height. */
function firstRowBelow(layout: Layout, height: number): number {
  let [low, high] = [0, layout.rows];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const { top, height: own } = rowAt(layout, middle);
    if (top + own > height) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The rows that are seen between two heights. */
export function rowsBetween(layout: Layout, top: number, bottom: number): Row[] {
  const rows: Row[] = [];
  for (let index = firstRowBelow(layout, top); index < layout.rows; index++) {
    const row = rowAt(layout, index);
    if (row.top >= bottom) break;
    rows.push(row);
  }
  return rows;
}
