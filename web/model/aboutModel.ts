import type { Model } from '../shared/client.ts';
import { h } from '../shared/element.ts';
import { exact } from '../shared/numbers.ts';

function facts({ kind, parameters, width, maxPatches, licence, trainedOn }: Model): [string, string][] {
  return [
    ['Kind', kind === 'naflex' ? 'NaFlex: images of any shape' : 'Fixed: images are made one size'],
    ['Parameters', exact(parameters)],
    ['Embeddings', `${exact(width)} numbers`],
    ...(maxPatches === null
      ? []
      : [['Patches', `at most ${exact(maxPatches)} of an image`] satisfies [string, string]]),
    ['Licence', licence ?? 'Not known'],
    ['Trained on', trainedOn],
  ];
}

/** What the served model is, and what it cannot do. */
export function aboutModel(model: Model): HTMLElement[] {
  const list = facts(model).flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]);
  const limits = model.limits.map((limit) => h('li', {}, limit));
  return [
    h('h2', { id: 'served-title', dir: 'auto' }, model.name),
    h('dl', { class: 'facts' }, ...list),
    ...(limits.length > 0 ? [h('h3', {}, 'Limits'), h('ul', { class: 'limits' }, ...limits)] : []),
  ];
}
