import { h } from '../shared/element.ts';
import { keyed } from '../shared/keyed.ts';
import { createChart } from './chart/chart.ts';
import type { ChartData } from './chart/chartData.ts';
import type { Cursor } from './chart/cursor.ts';

/** One chart of a grid. */
export interface GridChart {
  readonly title: string;
  readonly data: ChartData;
}

/** Charts beside each other. */
export interface ChartGrid {
  readonly element: HTMLElement;
  /** Shows these from now on. */
  show(charts: readonly GridChart[]): void;
}

/**
 * @param cursor what is pointed at, shared with other grids
 * @param isFirstWide whether the first chart has the whole width
 */
export function createChartGrid(cursor: Cursor, isFirstWide = false): ChartGrid {
  const element = h('div', { class: isFirstWide ? 'charts first-wide' : 'charts' });
  const show = keyed<GridChart>(
    element,
    ({ title }) => title,
    ({ title }) => {
      const isWide = isFirstWide && element.childElementCount === 0;
      const chart = createChart(title, cursor, isWide);
      return { element: chart.element, update: ({ data }) => chart.show(data), end: () => chart.end() };
    },
  );
  return { element, show };
}
