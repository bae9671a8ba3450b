import { h } from '../shared/element.ts';
import type { Address } from '../shell/address.ts';
import { address, watchAddress } from '../shell/router.ts';
import { emptyRuns } from './emptyRuns.ts';
import { followRuns } from './followRuns.ts';
import { type Chosen, createRunList } from './runList.ts';
import { getRuns, type RunSummary } from './runs.ts';
import { createRunView } from './runView.ts';

/** Milliseconds between two looks at the list of runs. */
const AGAIN = 10_000;

/** Which runs the address names; the newest where it names none. */
const chosenOf = ({ values }: Address, runs: readonly RunSummary[]): Chosen => ({
  run: values.get('run') ?? runs[0]?.name,
  others: values.getAll('with'),
});

/** Fills the view: all runs in a list, and beside it one of them in full, alone or compared with others. */
export async function open(root: HTMLElement, _address: Address, signal: AbortSignal): Promise<void> {
  const list = createRunList();
  const view = createRunView(signal);
  const status = h('p', { class: 'status', role: 'status' });
  const body = h('div', { class: 'training-body' }, list.element, h('div', {}, status, view.element));
  body.hidden = true;
  const empty = emptyRuns();
  empty.hidden = true;
  root.append(h('h1', {}, 'Training'), empty, body);
  let runs: readonly RunSummary[] = [];

  const say = (text: string, isError = false) => {
    status.textContent = text;
    status.className = isError ? 'status error' : 'status';
  };
  const fail = (error: unknown) => say(error instanceof Error ? error.message : String(error), true);
  const follow = followRuns((shown) => {
    if (shown.length > 0) view.show(shown);
  }, signal);
  const show = () => {
    const chosen = chosenOf(address(), runs);
    empty.hidden = runs.length > 0;
    body.hidden = runs.length === 0;
    list.show(runs, chosen);
    follow(chosen.run === undefined ? [] : [chosen.run, ...chosen.others]);
  };
  const refresh = async () => {
    if (document.hidden) return;
    runs = await getRuns(signal);
    if (signal.aborted) return;
    say('');
    show();
  };

  watchAddress(show, signal);
  const timer = setInterval(() => refresh().catch(fail), AGAIN);
  document.addEventListener('visibilitychange', () => void refresh().catch(fail), { signal });
  signal.addEventListener('abort', () => clearInterval(timer));
  await refresh();
}
