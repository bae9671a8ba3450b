import { h } from '../shared/element.ts';

/** What to do where there are no runs. */
export const emptyRuns = (): HTMLElement =>
  h(
    'div',
    { class: 'panel' },
    h('h2', {}, 'No runs yet'),
    h(
      'p',
      {},
      'Trainings and fine-tunings are shown here as they go. Start the server with the folder of their runs:',
    ),
    h('code', { class: 'command' }, 'siglip2 serve --runs out/'),
    h('p', {}, 'and train into it, for example on pictures of your own:'),
    h('code', { class: 'command' }, 'siglip2 finetune --data pictures/ --output out/mine'),
  );
