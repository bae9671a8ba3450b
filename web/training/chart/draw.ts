import { formatNumber } from '../../../src/train/run/report/axis.ts';
import { band, line as polyline } from '../../../src/train/run/report/place.ts';
import { type ChartData, type ChartLine, COLOURS } from './chartData.ts';
import type { Places } from './places.ts';
import { svg } from './svg.ts';

/** Class of what is drawn in a line's colour. */
export const colourOf = (colour: number): string => `colour${colour % COLOURS}`;

function axes({ x, y, left, right, bottom, columns, rows }: Places): SVGElement[] {
  const across = rows.flatMap((value) => [
    svg('line', { class: 'grid', x1: left, x2: right, y1: y(value), y2: y(value) }),
    svg('text', { x: left - 6, y: y(value) + 4, 'text-anchor': 'end' }, formatNumber(value)),
  ]);
  const along = columns.map((value) =>
    svg('text', { x: x(value), y: bottom + 17, 'text-anchor': 'middle' }, formatNumber(value)),
  );
  return [...across, ...along];
}

function drawLine({ points, colour, isDotted }: ChartLine, { x, y }: Places): SVGElement[] {
  const name = colourOf(colour);
  const spread = points.some(({ min, max }) => max > min);
  const dots =
    isDotted || points.length === 1
      ? points.map((point) => svg('circle', { class: name, cx: x(point.x), cy: y(point.mean), r: 2.5 }))
      : [];
  return [
    ...(spread ? [svg('polygon', { class: name, points: band(points, x, y) })] : []),
    ...(points.length > 1 ? [svg('polyline', { class: name, points: polyline(points, x, y) })] : []),
    ...dots,
  ];
}

/** Everything of a chart that does not follow the pointer. */
export function draw({ lines, borders, level }: ChartData, places: Places): SVGElement[] {
  const { x, y, left, right, top, bottom } = places;
  const marks = borders
    .filter((step) => x(step) > left && x(step) < right)
    .map((step) => svg('line', { class: 'border', x1: x(step), x2: x(step), y1: top, y2: bottom }));
  const across = level
    ? [svg('line', { class: 'level', x1: left, x2: right, y1: y(level.value), y2: y(level.value) })]
    : [];
  return [...axes(places), ...marks, ...across, ...lines.flatMap((line) => drawLine(line, places))];
}
