import { h } from '../shared/element.ts';

/** A form that takes a directory, or a name on the hub that is not in the list. */
export function localModel(choose: (name: string) => void): HTMLElement {
  const input = h('input', {
    id: 'model-name',
    class: 'input',
    type: 'text',
    required: true,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    dir: 'ltr',
    placeholder: '/path/to/checkpoint',
  });
  const submit = (event: Event) => {
    event.preventDefault();
    if (input.value.trim() !== '') choose(input.value.trim());
  };
  return h(
    'form',
    { class: 'form panel', on: { submit } },
    h(
      'label',
      { for: 'model-name' },
      'Another checkpoint: a directory of this machine, or a name on the Hugging Face hub',
    ),
    input,
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'button primary' }, 'Use it')),
  );
}
