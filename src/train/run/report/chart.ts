import { extent, formatNumber, ticks } from './axis.ts';
import type { Curve } from './curve.ts';
import { escapeHtml } from './escapeHtml.ts';
import { band, line, linear, type Place } from './place.ts';

export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

const MARGIN = { left: 56, right: 12, top: 10, bottom: 24 };

function drawCurve({ name, points }: Curve, index: number, x: Place, y: Place): string {
  const colour = `class="stage${index % 6}"`;
  const title = `<title>${escapeHtml(name)}</title>`;
  const only = points[0]!;
  if (points.length === 1)
    return `<circle ${colour} cx="${x(only.x)}" cy="${y(only.mean)}" r="2">${title}</circle>`;
  const spread = points.some(({ min, max }) => max > min);
  return (
    (spread ? `<polygon ${colour} points="${band(points, x, y)}"/>` : '') +
    `<polyline ${colour} points="${line(points, x, y)}">${title}</polyline>`
  );
}

/**
 * Curves over updates as an SVG element: a line through the means, a band from lowest to highest, and a vertical line
 * where a stage begins.
 * @param borders updates at which stages begin
 */
export function chart(
  label: string,
  curves: readonly Curve[],
  borders: readonly number[],
  { width, height }: ChartSize,
): string {
  const drawn = curves.flatMap((curve, index) => (curve.points.length > 0 ? [{ curve, index }] : []));
  const points = drawn.flatMap(({ curve }) => curve.points);
  const xs = extent(points.map((point) => point.x));
  const ys = extent(points.flatMap(({ min, max }) => [min, max]));
  const [right, bottom] = [width - MARGIN.right, height - MARGIN.bottom];
  const x = linear(xs, MARGIN.left, right);
  const y = linear(ys, bottom, MARGIN.top);
  const rows = ticks(...ys, height / 50).map(
    (value) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${y(value)}" y2="${y(value)}"/>` +
      `<text x="${MARGIN.left - 6}" y="${y(value) + 4}" text-anchor="end">${formatNumber(value)}</text>`,
  );
  const columns = ticks(...xs, width / 110).map(
    (value) => `<text x="${x(value)}" y="${height - 6}" text-anchor="middle">${formatNumber(value)}</text>`,
  );
  const marks = borders
    .filter((step) => step > xs[0] && step < xs[1])
    .map(
      (step) => `<line class="border" x1="${x(step)}" x2="${x(step)}" y1="${MARGIN.top}" y2="${bottom}"/>`,
    );
  const lines = drawn.map(({ curve, index }) => drawCurve(curve, index, x, y));
  return (
    `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escapeHtml(label)}">` +
    `${[...rows, ...columns, ...marks, ...lines].join('')}</svg>`
  );
}
