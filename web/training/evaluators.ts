import { formatNumber } from '../../src/train/run/report/axis.ts';
import { h } from '../shared/element.ts';
import { exact } from '../shared/numbers.ts';
import { type Measured, measuredIn, valuesOf } from './curves.ts';
import type { Run, RunEvaluation } from './runs.ts';

const titleOf = ({ name, metric }: Measured): string => (name === metric ? name : `${name} · ${metric}`);

/** A value with the interval in which it lies. */
function valueText({ value, interval }: RunEvaluation): string {
  const range = interval ? ` (${formatNumber(interval[0])} to ${formatNumber(interval[1])})` : '';
  return `${formatNumber(value)}${range}`;
}

const cell = (value: RunEvaluation | undefined): HTMLElement => h('td', {}, value ? valueText(value) : '–');

/** The first and the last value of each evaluator, of several runs the last of each. */
export function evaluatorTable(runs: readonly Run[]): HTMLElement {
  const [only] = runs;
  const isAlone = runs.length === 1;
  const heads = isAlone
    ? ['first', 'last', 'after updates', 'chance']
    : [...runs.map(({ name }) => name), 'chance'];
  const rows = measuredIn(runs).map((measured) => {
    const all = runs.map((run) => valuesOf(run, measured));
    const chance = all.flat().find((value) => value.chance !== undefined)?.chance;
    const last = all[0]?.at(-1);
    const cells =
      isAlone && only
        ? [cell(all[0]?.[0]), cell(last), h('td', {}, last ? exact(last.step) : '–')]
        : all.map((values) => cell(values.at(-1)));
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, titleOf(measured)),
      ...cells,
      h('td', {}, chance === undefined ? '–' : formatNumber(chance)),
    );
  });
  const head = h(
    'tr',
    {},
    h('th', { scope: 'col' }, 'evaluator'),
    ...heads.map((text) => h('th', { scope: 'col' }, text)),
  );
  const table = h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows));
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'Values of evaluators' },
    table,
  );
}

/** Titles of charts of what evaluators measure. */
export const evaluationTitle = titleOf;
