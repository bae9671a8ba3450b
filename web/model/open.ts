import { session } from '../access/session.ts';
import { createJobCard } from '../jobs/jobCard.ts';
import { serverJobs } from '../jobs/jobs.ts';
import { stopJob } from '../jobs/jobsApi.ts';
import { h } from '../shared/element.ts';
import { servedModel, watchModel } from '../shared/servedModel.ts';
import { type Address, hrefOf } from '../shell/address.ts';
import { localModel } from './localModel.ts';
import { catalogue, startModel } from './modelApi.ts';
import { modelFacts } from './modelFacts.ts';
import { modelTable } from './modelList.ts';

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The newest change of the model, while it is under way and after it. */
function changeCard(mayChange: boolean, signal: AbortSignal): HTMLElement {
  const list = h('ul', { class: 'jobs', 'aria-label': 'Change of the model' });
  const card = createJobCard({
    stop: mayChange ? ({ id }) => stopJob(id) : undefined,
    result: ({ state }) => (state === 'done' ? { href: hrefOf({}), text: 'Search with it' } : undefined),
  });
  const forget = serverJobs().watch((jobs) => {
    const job = jobs.find(({ kind }) => kind === 'model');
    list.hidden = job === undefined;
    if (!job) return;
    card.update(job);
    if (!card.element.isConnected) list.replaceChildren(card.element);
  });
  signal.addEventListener('abort', forget);
  return list;
}

/** Fills the view: the model that is served, and those that can take its place. */
export async function open(root: HTMLElement, _address: Address, signal: AbortSignal): Promise<void> {
  root.append(h('h1', {}, 'Model'));
  const { owner, reason } = await session();
  if (signal.aborted) return;
  const facts = h('div', {});
  const table = h('div', { class: 'model-table' });
  const status = h('p', { class: 'status', role: 'status' });
  const say = (text: string, isError = false) => {
    status.textContent = text;
    status.className = isError ? 'status error' : 'status';
  };
  const choose = async (name: string) => {
    say('');
    try {
      await startModel(name);
      root.querySelector('.jobs')?.scrollIntoView({ block: 'nearest' });
    } catch (error) {
      say(messageOf(error), true);
    }
  };
  const readOnly = h(
    'div',
    { class: 'panel' },
    h('p', {}, reason ?? 'Only who started the server may change its model.'),
    h('code', { class: 'command' }, 'siglip2 serve --open --model google/siglip2-base-patch16-naflex'),
  );
  root.append(
    facts,
    changeCard(owner, signal),
    h(
      'section',
      { class: 'model-choice', 'aria-labelledby': 'choice-title' },
      h('h2', { id: 'choice-title' }, owner ? 'Choose another model' : 'Other models'),
      status,
      table,
      owner ? localModel((name) => void choose(name)) : readOnly,
    ),
  );

  const refresh = async () => {
    try {
      const [model, models] = await Promise.all([servedModel(), catalogue(signal)]);
      if (signal.aborted) return;
      facts.replaceChildren(modelFacts(model));
      table.replaceChildren(modelTable(models, owner ? ({ name }) => void choose(name) : undefined));
    } catch (error) {
      if (!signal.aborted) say(messageOf(error), true);
    }
  };
  watchModel(() => void refresh(), signal);
  await refresh();
}
