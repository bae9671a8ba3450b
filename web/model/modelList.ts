import { h } from '../shared/element.ts';
import { bytes, compact } from '../shared/numbers.ts';
import type { CatalogueModel } from './modelApi.ts';

/** What its images are, in a word or two. */
const imagesOf = ({ kind, resolution }: CatalogueModel): string =>
  kind === 'naflex' ? 'any size and shape' : `${resolution} × ${resolution}`;

/** Where it is: served, on this machine, or to be downloaded. */
function placeOf({ served, cached, local }: CatalogueModel): string {
  if (served) return 'served now';
  return cached || local ? 'on this machine' : 'to be downloaded';
}

function row(model: CatalogueModel, choose: ((model: CatalogueModel) => void) | undefined): HTMLElement {
  const { name, parameters, served, cached, local } = model;
  const verb = cached || local ? 'Use' : 'Download and use';
  const button = h(
    'button',
    {
      type: 'button',
      class: 'button',
      'aria-label': `${verb} ${name}`,
      on: { click: () => choose?.(model) },
    },
    verb,
  );
  return h(
    'tr',
    served ? { class: 'served', 'aria-current': 'true' } : {},
    h('th', { scope: 'row', dir: 'auto' }, name),
    h('td', { 'data-label': 'Parameters' }, compact(parameters)),
    h('td', { 'data-label': 'Size' }, bytes(model.bytes)),
    h('td', { 'data-label': 'Images' }, imagesOf(model)),
    h('td', { class: 'place' }, placeOf(model)),
    h('td', { class: 'choice' }, ...(served || !choose ? [] : [button])),
  );
}

/** A table of the models that can be served. */
export function modelTable(
  models: readonly CatalogueModel[],
  choose: ((model: CatalogueModel) => void) | undefined,
): HTMLElement {
  const heads = ['Model', 'Parameters', 'Size', 'Images', 'Where'].map((text) =>
    h('th', { scope: 'col' }, text),
  );
  return h(
    'table',
    { class: 'models' },
    h('caption', { class: 'visually-hidden' }, 'Models that can be served'),
    h('thead', {}, h('tr', {}, ...heads, h('td', {}))),
    h('tbody', {}, ...models.map((model) => row(model, choose))),
  );
}
