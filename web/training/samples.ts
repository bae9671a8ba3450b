import { h } from '../shared/element.ts';
import type { RunSample } from './runs.ts';

/** Pictures with their texts, as the run saw or made them. */
export const sampleList = (samples: readonly RunSample[]): HTMLElement =>
  h(
    'ul',
    { class: 'samples' },
    ...samples.map(({ title, image, text }) =>
      h(
        'li',
        { class: 'panel' },
        ...(image === undefined
          ? []
          : [h('img', { src: image, alt: '', loading: 'lazy', decoding: 'async' })]),
        h('p', { class: 'figures' }, title),
        ...(text === undefined ? [] : [h('p', { dir: 'auto' }, text)]),
      ),
    ),
  );
