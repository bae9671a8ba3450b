import { h } from '../shared/element.ts';
import type { RunSample } from './runs.ts';

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** What the model said of a picture, and when. */
const answers = ({ step, texts = [] }: RunSample): HTMLElement[] =>
  step === undefined
    ? []
    : [
        ...texts.map(({ text, probability }) => h('p', {}, h('bdi', {}, text), ` ${percent(probability)}`)),
        h('p', { class: 'figures' }, `after step ${step}`),
      ];

/** Pictures with what the run's model said of them last. */
export const sampleList = (samples: readonly RunSample[]): HTMLElement =>
  h(
    'ul',
    { class: 'samples' },
    ...samples.map((sample) => {
      const { title, image, text } = sample;
      return h(
        'li',
        { class: 'panel' },
        ...(image === undefined
          ? []
          : [h('img', { src: image, alt: '', loading: 'lazy', decoding: 'async' })]),
        h('p', { dir: 'auto' }, title),
        ...(text === undefined ? [] : [h('p', { dir: 'auto' }, text)]),
        ...answers(sample),
      );
    }),
  );
