import { h } from '../../shared/element.ts';
import { sheet } from '../../shared/sheet.ts';

/** Asks for what is not wanted. */
export function withoutSheet(button: HTMLButtonElement, onText: (text: string) => void): HTMLElement {
  const input = h('input', {
    id: 'without',
    class: 'input',
    dir: 'auto',
    autocomplete: 'off',
    maxlength: 1000,
    'data-first': true,
  });
  const form = h(
    'form',
    { class: 'form' },
    h('label', { class: 'field', for: 'without' }, 'Move back what shows'),
    h('div', { class: 'line' }, input, h('button', { class: 'button primary' }, 'Add')),
  );
  const element = sheet(button, 'Without', [form], () => {
    input.value = '';
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = input.value.trim();
    element.hidePopover();
    if (text !== '') onText(text);
  });
  return element;
}
