import { labelOf } from '../../src/train/run/report/labels.ts';
import { h } from '../shared/element.ts';
import { counted } from '../shared/numbers.ts';
import { createCursor } from './chart/cursor.ts';
import { colourOf } from './chart/draw.ts';
import { createChartGrid } from './chartGrid.ts';
import { createControls } from './controls.ts';
import { chartOf, evaluationChartOf, measuredIn, metricsOf } from './curves.ts';
import { evaluationTitle, evaluatorTable } from './evaluators.ts';
import type { Run } from './runs.ts';
import { sampleList } from './samples.ts';

/** What colours mean: the stages of one run, or several runs. */
function legend(runs: readonly Run[]): HTMLElement {
  const names = runs.length === 1 ? (runs[0]?.stages ?? []) : runs;
  const entries = names.map(({ name }, i) => h('li', {}, h('i', { class: `swatch ${colourOf(i)}` }), name));
  return h('ul', { class: 'legend', 'aria-label': runs.length === 1 ? 'Stages' : 'Runs' }, ...entries);
}

/** A part with a heading; absent where there is nothing in it. */
function part(title: string, ...children: HTMLElement[]) {
  const element = h('section', { class: 'part' }, h('h2', {}, title), ...children);
  element.hidden = true;
  return element;
}

/**
 * One run in full, alone or compared with others.
 * @param signal aborted when it is shown no more
 */
export function createRunView(signal: AbortSignal) {
  let runs: readonly Run[] = [];
  const cursor = createCursor();
  const curves = createChartGrid(cursor, true);
  const points = createChartGrid(cursor);
  const controls = createControls(() => draw());
  const colours = h('div', { class: 'colours' });
  const head = h('div', { class: 'charts-head' }, colours, controls.element);
  const table = h('div', {});
  const samples = h('div', {});
  const empty = h('p', { class: 'status' }, 'This run has logged no update yet.');
  const skipped = h('p', { class: 'status', hidden: true });
  const evaluatorPart = part('Evaluators', table, points.element);
  const samplePart = part('Samples', samples);
  const element = h(
    'div',
    { class: 'run-view' },
    head,
    empty,
    skipped,
    h('h2', { class: 'visually-hidden' }, 'Curves'),
    curves.element,
    evaluatorPart,
    samplePart,
  );

  const draw = () => {
    const drawing = controls.drawing();
    const metrics = metricsOf(runs);
    empty.hidden = metrics.length > 0;
    curves.show(metrics.map((metric) => ({ title: labelOf(metric), data: chartOf(metric, runs, drawing) })));
    points.show(
      measuredIn(runs).map((measured) => ({
        title: evaluationTitle(measured),
        data: evaluationChartOf(measured, runs, drawing),
      })),
    );
  };
  let sampled = '';
  // The charts follow the width of their places until they are taken away.
  signal.addEventListener('abort', () => {
    curves.show([]);
    points.show([]);
  });
  return {
    element,
    show(next: readonly Run[]): void {
      runs = next;
      colours.replaceChildren(legend(runs));
      const lines = runs.reduce((sum, run) => sum + run.skipped_lines, 0);
      skipped.hidden = lines === 0;
      skipped.textContent = `${counted(lines, 'line')} of the log can’t be read and are left out.`;
      const hasValues = measuredIn(runs).length > 0;
      evaluatorPart.hidden = !hasValues;
      table.replaceChildren(...(hasValues ? [evaluatorTable(runs)] : []));
      const all = runs[0]?.samples ?? [];
      samplePart.hidden = all.length === 0;
      // Pictures that are the same stay as they are.
      if (JSON.stringify(all) !== sampled) samples.replaceChildren(sampleList(all));
      sampled = JSON.stringify(all);
      draw();
    },
  };
}
