import type { Metrics } from './layout.ts';

/** How the pictures of a collection are shown: small drawings, or photographs. */
export type Look = 'drawings' | 'photographs';

const PHONE = 544;

/**
 * Sizes of a grid.
 * @param width pixels of the grid
 * @param rem pixels of the root's font
 * @param hasFigures whether tiles have a line for the probability
 */
export function metricsOf(width: number, rem: number, look: Look, hasFigures: boolean): Metrics {
  const isNarrow = width < PHONE;
  const gap = Math.round((isNarrow ? 0.5 : 0.7) * rem);
  const least = (look === 'drawings' ? 8.2 : 11) * rem;
  const columns = isNarrow
    ? width < 15 * rem
      ? 2
      : 3
    : Math.max(1, Math.floor((width + gap) / (least + gap)));
  const tileWidth = (width - (columns - 1) * gap) / columns;
  const figures = hasFigures ? 1.4 * rem : 0;
  const tileHeight =
    look === 'drawings' ? 7.6 * rem + figures : Math.max(0, tileWidth) * 0.75 + 2.1 * rem + figures;
  return { columns, gap, tileHeight: Math.round(tileHeight), headingHeight: Math.round(3.4 * rem) };
}
