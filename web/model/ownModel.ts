import { h } from '../shared/element.ts';

/** A form for a checkpoint that no list has: a directory of the server's machine, or a name on the hub. */
export function ownModel(choose: (model: string, maxPatches: number | undefined) => void): HTMLElement {
  const path = h('input', {
    id: 'own-model',
    class: 'input',
    required: true,
    autocomplete: 'off',
    spellcheck: 'false',
    placeholder: '/home/me/runs/birds/model',
    dir: 'ltr',
  });
  const patches = h('input', {
    id: 'own-patches',
    class: 'input',
    type: 'number',
    min: 1,
    max: 4096,
    placeholder: 'as the model says',
  });
  const form = h(
    'form',
    { class: 'form panel' },
    h('h2', {}, 'A checkpoint of your own'),
    h(
      'label',
      { class: 'field', for: 'own-model' },
      'Directory on the server’s machine, or a name on the Hugging Face hub',
    ),
    path,
    h('label', { class: 'field', for: 'own-patches' }, 'Most patches of an image (NaFlex models)'),
    patches,
    h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'button primary' }, 'Serve it')),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    choose(path.value.trim(), patches.value === '' ? undefined : Number(patches.value));
  });
  return form;
}
