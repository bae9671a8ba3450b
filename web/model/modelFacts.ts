import type { Model } from '../shared/client.ts';
import { h } from '../shared/element.ts';
import { compact, exact } from '../shared/numbers.ts';

/** What is known of the model that is served. */
export function modelFacts({
  name,
  parameters,
  width,
  kind,
  maxPatches,
  licence,
  trainedOn,
  limits,
}: Model): HTMLElement {
  const images =
    kind === 'naflex' && maxPatches !== null
      ? `of any size and shape, at most ${exact(maxPatches)} patches unless a request says otherwise`
      : 'of one size; others are resized';
  const facts: readonly (readonly [string, string])[] = [
    ['Parameters', compact(parameters)],
    ['Images', images],
    ['Embeddings', `${exact(width)} numbers`],
    ['Trained on', trainedOn],
    ['Licence', licence ?? 'not known'],
    ...limits.map((limit, i) => [i === 0 ? 'Limits' : '', limit] as const),
  ];
  return h(
    'section',
    { class: 'panel model-facts', 'aria-labelledby': 'served-title' },
    h('h2', { id: 'served-title', dir: 'auto' }, name),
    h('dl', {}, ...facts.flatMap(([term, value]) => [h('dt', {}, term), h('dd', {}, value)])),
  );
}
