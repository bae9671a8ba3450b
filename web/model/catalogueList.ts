import { h } from '../shared/element.ts';
import type { Part } from '../shared/keyed.ts';
import type { CatalogueModel } from './modelApi.ts';
import { seesText, sizeText, stateOf } from './modelText.ts';

/** One model of the catalogue. @param choose none where the reader may not choose */
export function modelCard(choose: ((model: string) => void) | undefined): Part<CatalogueModel> {
  const title = h('h3', { dir: 'auto' });
  const facts = h('p', { class: 'figures' });
  const state = h('span', { class: 'state' });
  const button = h('button', { type: 'button', class: 'button' }, 'Serve it');
  const element = h(
    'li',
    { class: 'model-card panel' },
    title,
    facts,
    h('div', { class: 'model-foot' }, state, button),
  );
  let name = '';
  button.addEventListener('click', () => choose?.(name));
  return {
    element,
    update(model) {
      name = model.name;
      title.textContent = name.replace(/^google\//, '');
      title.title = name;
      facts.textContent = `${sizeText(model)} · ${seesText(model)}`;
      state.textContent = stateOf(model);
      state.dataset['state'] = model.served ? 'running' : 'waiting';
      button.hidden = model.served || choose === undefined;
      button.ariaLabel = `Serve it: ${name}`;
      element.classList.toggle('served', model.served);
    },
  };
}
