import { isLive, type Job } from '../../src/server/jobs/job.ts';
import { ago } from '../shared/ago.ts';
import { h } from '../shared/element.ts';
import { counted, duration, exact } from '../shared/numbers.ts';
import { paceText, progressText, share, stateText } from './jobText.ts';

/** What can be done with a job. */
export interface JobActions {
  /** None where the asker may not. */
  readonly stop?: ((job: Job) => Promise<unknown>) | undefined;
  /** Leads to what came of it; undefined where nothing did. */
  result(job: Job): { readonly href: string; readonly text: string } | undefined;
}

/** One job on the page. */
export interface JobCard {
  readonly element: HTMLElement;
  /** Shows how it is now; what is in focus or open stays so. */
  update(job: Job): void;
}

type Problem = NonNullable<Job['problems']>[number];

function reasonItem({ reason, count, examples }: Problem): HTMLElement {
  const more = count - examples.length;
  const files = examples.map((file) => h('li', {}, h('bdi', {}, file)));
  const rest = more > 0 ? [h('li', {}, `and ${exact(more)} more`)] : [];
  return h('li', {}, `${reason} (${exact(count)})`, h('ul', { class: 'files' }, ...files, ...rest));
}

/** Files that were left out, by reason, to open. */
function problemList(problems: readonly Problem[]): HTMLDetailsElement {
  const total = problems.reduce((sum, { count }) => sum + count, 0);
  return h(
    'details',
    { class: 'problems' },
    h('summary', {}, `${counted(total, 'file')} with problems`),
    h('ul', {}, ...problems.map(reasonItem)),
  );
}

/** When it ended and how long it took, or when it began. */
const timeText = ({ started, ended }: Job): string =>
  ended === undefined ? `began ${ago(started)}` : `${ago(ended)}, took ${duration((ended - started) / 1000)}`;

/** A card of a job, which is kept and brought up to date. */
export function createJobCard({ stop, result }: JobActions): JobCard {
  const title = h('h3', { dir: 'auto' });
  const state = h('span', { class: 'state' });
  const bar = h('progress', { max: 1 });
  const figures = h('p', { class: 'figures' });
  const told = h('p', {});
  const problems = h('div', { hidden: true });
  const link = h('a', { class: 'button', hidden: true });
  const stopButton = h('button', { type: 'button', class: 'button' }, 'Stop');
  const element = h(
    'li',
    { class: 'job panel' },
    h('div', { class: 'job-head' }, title, state),
    bar,
    figures,
    told,
    problems,
    h('div', { class: 'actions' }, link, stopButton),
  );
  let shown: Job | undefined;

  const tell = (text: string, isError: boolean) => {
    told.hidden = text === '';
    told.textContent = text;
    told.className = isError ? 'error' : '';
  };
  stopButton.addEventListener('click', () => {
    if (!shown) return;
    stopButton.disabled = true;
    stop?.(shown).catch((error: unknown) => {
      stopButton.disabled = false;
      tell(error instanceof Error ? error.message : String(error), true);
    });
  });

  const showProgress = (job: Job) => {
    const done = share(job);
    bar.hidden = !isLive(job);
    bar.ariaLabel = job.title;
    if (done === undefined || job.state === 'waiting') bar.removeAttribute('value');
    else bar.value = done;
    const now = [progressText(job), paceText(job)].filter((text) => text !== '');
    figures.textContent = isLive(job) ? now.join(' · ') : timeText(job);
  };
  const showProblems = (next: readonly Problem[] = []) => {
    if (JSON.stringify(next) === JSON.stringify(shown?.problems ?? [])) return;
    const isOpen = problems.querySelector('details')?.open ?? false;
    const list = next.length > 0 ? [problemList(next)] : [];
    for (const details of list) details.open = isOpen;
    problems.hidden = list.length === 0;
    problems.replaceChildren(...list);
  };
  const showResult = (job: Job) => {
    const found = result(job);
    link.hidden = found === undefined;
    if (!found) return;
    link.href = found.href;
    link.textContent = found.text;
  };

  const update = (job: Job) => {
    title.textContent = job.title;
    state.textContent = stateText(job);
    state.dataset['state'] = job.state;
    showProgress(job);
    tell(job.error ?? job.summary ?? '', job.error !== undefined);
    showProblems(job.problems);
    showResult(job);
    stopButton.hidden = stop === undefined || !isLive(job);
    shown = job;
  };
  return { element, update };
}
