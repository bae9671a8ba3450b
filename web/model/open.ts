import { session } from '../access/session.ts';
import { copyable } from '../folders/copyable.ts';
import { h } from '../shared/element.ts';
import { keyed } from '../shared/keyed.ts';
import { servedModel, watchModel } from '../shared/servedModel.ts';
import type { Address } from '../shell/address.ts';
import { aboutModel } from './aboutModel.ts';
import { modelCard } from './catalogueList.ts';
import { askCatalogue, type CatalogueModel, startModel } from './modelApi.ts';
import { modelJobs } from './modelJobs.ts';
import { serveCommand } from './modelText.ts';
import { ownModel } from './ownModel.ts';

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Why nobody may choose a model here, and the command that does it. */
function whyNot(reason: string | null): HTMLElement {
  const command = copyable();
  command.show(serveCommand('google/siglip2-base-patch16-naflex'));
  const why = reason === null ? '' : ` ${reason[0]!.toUpperCase()}${reason.slice(1)}.`;
  return h(
    'div',
    { class: 'panel' },
    h('h2', {}, 'Serve another model'),
    h(
      'p',
      { class: 'tip' },
      `The model cannot be changed on this page.${why} This command serves another one:`,
    ),
    command.element,
  );
}

/** Fills the view: what the served model is, and which others there are. */
export async function open(root: HTMLElement, _address: Address, signal: AbortSignal): Promise<void> {
  root.append(h('h1', {}, 'Model'));
  const { owner, reason } = await session();
  if (signal.aborted) return;
  const about = h('section', { class: 'panel', 'aria-labelledby': 'served-title' });
  const status = h('p', { class: 'status', role: 'status' });
  const list = h('ul', { class: 'catalogue', 'aria-labelledby': 'catalogue-title' });
  const jobs = modelJobs(owner, signal);
  const fail = (error: unknown) => {
    if (signal.aborted) return;
    status.className = 'status error';
    status.textContent = wordsOf(error);
  };
  const choose = (model: string, maxPatches?: number) => {
    status.className = 'status';
    status.textContent = `${model} will be served as soon as it is loaded; until then nothing changes.`;
    startModel(model, maxPatches).then(() => jobs.scrollIntoView({ block: 'nearest' }), fail);
  };
  root.append(
    h(
      'div',
      { class: 'model-body' },
      h('div', { class: 'model-side' }, about, owner ? ownModel(choose) : whyNot(reason)),
      h(
        'section',
        { class: 'model-list', 'aria-labelledby': 'catalogue-title' },
        h('h2', { id: 'catalogue-title' }, 'Models to choose from'),
        status,
        jobs,
        list,
      ),
    ),
  );
  const show = keyed<CatalogueModel>(
    list,
    ({ name }) => name,
    () => modelCard(owner ? choose : undefined),
  );
  const tell = () => {
    servedModel().then((model) => about.replaceChildren(...aboutModel(model)), fail);
    askCatalogue(signal).then(show, fail);
  };
  watchModel(() => {
    status.textContent = '';
    tell();
  }, signal);
  tell();
}
