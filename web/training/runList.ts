import { h } from '../shared/element.ts';
import { keyed, type Part } from '../shared/keyed.ts';
import { go, linkTo } from '../shell/router.ts';
import type { RunSummary } from './runs.ts';
import { stateText, updatedText, whereText } from './runText.ts';

/** Which runs are looked at. */
export interface Chosen {
  readonly run: string | undefined;
  /** Compared with it. */
  readonly others: readonly string[];
}

/** A run of the list with how it is looked at. */
interface Row {
  readonly run: RunSummary;
  readonly chosen: Chosen;
}

function createRow(): Part<Row> {
  const link = h('a', { dir: 'auto' });
  const state = h('span', { class: 'state' });
  const where = h('p', { class: 'figures' });
  const updated = h('p', { class: 'figures' });
  const box = h('input', { type: 'checkbox' });
  const label = h('label', { class: 'check' }, box, 'Compare');
  const element = h(
    'li',
    { class: 'run panel' },
    h('div', { class: 'job-head' }, link, state),
    where,
    updated,
    label,
  );
  let shown: Row | undefined;
  box.addEventListener('change', () => {
    if (!shown) return;
    const { run, chosen } = shown;
    const others = chosen.others.filter((name) => name !== run.name);
    go({ with: box.checked ? [...others, run.name] : others }, { replace: true });
  });
  return {
    element,
    update(row) {
      shown = row;
      const { run, chosen } = row;
      const isShown = run.name === chosen.run;
      link.textContent = run.name;
      link.href = linkTo({ run: run.name, with: chosen.others.filter((name) => name !== run.name) });
      if (isShown) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
      element.classList.toggle('chosen', isShown);
      state.textContent = stateText(run.state);
      state.dataset['state'] = run.state;
      where.textContent = whereText(run);
      updated.textContent = updatedText(run);
      box.checked = chosen.others.includes(run.name);
      box.ariaLabel = `Compare ${run.name}`;
      label.hidden = isShown;
    },
  };
}

/** All runs, to choose one and others to compare it with. */
export function createRunList() {
  const element = h('ul', { class: 'runs', 'aria-label': 'Runs' });
  const show = keyed<Row>(element, ({ run }) => run.name, createRow);
  return {
    element,
    show(runs: readonly RunSummary[], chosen: Chosen): void {
      // With one run alone there is nothing to compare.
      element.classList.toggle('single', runs.length < 2);
      show(runs.map((run) => ({ run, chosen })));
    },
  };
}
