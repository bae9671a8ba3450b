import { h } from '../../shared/element.ts';
import { exact } from '../../shared/numbers.ts';
import { type ChartData, pointAt, type Reading, readingsAt, stepsOf } from './chartData.ts';
import type { Cursor } from './cursor.ts';
import { colourOf, draw } from './draw.ts';
import { type Places, placesOf } from './places.ts';
import { lastReadings, readingText, valueText } from './readings.ts';
import { svg } from './svg.ts';

/** A chart on the page. */
export interface Chart {
  readonly element: HTMLElement;
  /** Shows other values from now on. */
  show(data: ChartData): void;
  /** Follows the cursor no more. */
  end(): void;
}

const HEIGHT = 210;
const WIDE_HEIGHT = 300;

/** The step that is nearest; none for one before or after all of them. */
function nearest(steps: readonly number[], step: number): number | undefined {
  const [first, last] = [steps[0], steps.at(-1)];
  if (first === undefined || last === undefined || step < first || step > last) return undefined;
  return steps.reduce((best, other) => (Math.abs(other - step) < Math.abs(best - step) ? other : best));
}

function reading(said: Reading): HTMLElement {
  const swatch = h('i', { class: `swatch ${colourOf(said.line.colour)}` });
  return h('span', { class: 'reading' }, swatch, `${said.line.name} `, h('b', {}, valueText(said)));
}

/** The line under the pointer, and the point of each curve on it. */
function pointer({ lines }: ChartData, { x, y, top, bottom }: Places, step: number): SVGElement[] {
  const dots = lines.flatMap(({ points, colour }) => {
    const point = pointAt(points, step);
    return point
      ? [svg('circle', { class: colourOf(colour), cx: x(point.x), cy: y(point.mean), r: 3.5 })]
      : [];
  });
  return [svg('line', { class: 'pointer', x1: x(step), x2: x(step), y1: top, y2: bottom }), ...dots];
}

/**
 * A chart that is read by the pointer, by a finger, and by the arrow keys (a slider that is as long as its values).
 * @param title what it shows
 * @param cursor shared with the charts beside it
 */
export function createChart(title: string, cursor: Cursor, isWide = false): Chart {
  const drawing = svg('svg', { role: 'img', 'aria-label': title });
  const still = svg('g');
  const moving = svg('g');
  drawing.append(still, moving);
  const slider = h('input', {
    type: 'range',
    class: 'visually-hidden',
    min: 0,
    'aria-label': `${title}, by updates`,
  });
  const said = h('div', { class: 'readings' });
  const where = h('span', { class: 'where' });
  const plot = h('div', { class: 'plot', dir: 'ltr' }, drawing, slider);
  const element = h(
    'figure',
    { class: 'chart' },
    h('figcaption', {}, h('div', { class: 'chart-head' }, h('h3', {}, title), where), said),
    plot,
  );
  let data: ChartData = { lines: [], borders: [], isLogarithmic: false };
  let steps: number[] = [];
  let places: Places | undefined;
  let at: number | undefined;

  const point = (step: number | undefined) => {
    at = step;
    const shown = step === undefined ? undefined : nearest(steps, step);
    moving.replaceChildren(...(places && shown !== undefined ? pointer(data, places, shown) : []));
    const all = shown === undefined ? lastReadings(data) : readingsAt(data.lines, shown);
    where.textContent = shown === undefined ? '' : `update ${exact(Math.round(shown))}`;
    said.replaceChildren(...all.map(reading));
    if (shown === undefined) return;
    slider.value = String(steps.indexOf(shown));
    slider.ariaValueText = readingText(data, shown);
  };
  const redraw = () => {
    const width = plot.clientWidth;
    if (width === 0) return;
    const size = { width, height: isWide ? WIDE_HEIGHT : HEIGHT };
    drawing.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
    drawing.setAttribute('height', String(size.height));
    places = placesOf(data, size);
    still.replaceChildren(...draw(data, places));
    point(at);
  };
  /** The update at a place of the plot. */
  const stepAt = (event: PointerEvent): number | undefined => {
    if (!places || steps.length === 0) return undefined;
    const px = event.clientX - plot.getBoundingClientRect().left;
    const { x } = places;
    return steps.reduce((best, step) => (Math.abs(x(step) - px) < Math.abs(x(best) - px) ? step : best));
  };
  plot.addEventListener('pointermove', (event) => cursor.set(stepAt(event)));
  plot.addEventListener('pointerdown', (event) => cursor.set(stepAt(event)));
  plot.addEventListener('pointerleave', (event) => {
    // A finger that is lifted leaves what it showed.
    if (event.pointerType === 'mouse') cursor.set(undefined);
  });
  slider.addEventListener('input', () => cursor.set(steps[Number(slider.value)]));
  slider.addEventListener('focus', () => cursor.set(steps[Number(slider.value)]));
  slider.addEventListener('blur', () => cursor.set(undefined));
  const sizes = new ResizeObserver(redraw);
  sizes.observe(plot);
  const stopWatching = cursor.watch(point);

  return {
    element,
    show(next) {
      data = next;
      steps = stepsOf(next);
      slider.max = String(Math.max(0, steps.length - 1));
      if (document.activeElement !== slider) slider.value = slider.max;
      redraw();
    },
    end() {
      sizes.disconnect();
      stopWatching();
    },
  };
}
