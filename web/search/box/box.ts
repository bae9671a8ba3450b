import { h, icon } from '../../shared/element.ts';

const PICTURE = 'M4 5h16v14H4zM4 16l4.5-4.5 4 4L15 13l5 5M14.5 9.2a.8.8 0 1 0 1.6 0 .8.8 0 1 0-1.6 0';
const WITHOUT = 'M3 12a9 9 0 1 0 18 0 9 9 0 1 0-18 0M8 12h8';

export interface BoxOptions {
  onType(text: string): void;
  onSubmit(text: string): void;
  onPicture(file: File): void;
  /** The reader goes to the results. */
  onDown(): void;
}

export interface Box {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
  /** Opens the field for what is not wanted. */
  readonly without: HTMLButtonElement;
  /** Shows the text of an address. */
  show(text: string): void;
}

function pictureButton(onPicture: (file: File) => void): HTMLElement {
  const file = h('input', { id: 'query-file', class: 'visually-hidden', type: 'file', accept: 'image/*' });
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) onPicture(chosen);
    file.value = '';
  });
  return h(
    'label',
    { class: 'tool', title: 'Search with a picture: choose one, paste it, or drop it here' },
    file,
    icon(PICTURE),
    h('span', { class: 'tool-name' }, 'Picture'),
  );
}

/** The field for what is looked for, with what adds other parts. */
export function box({ onType, onSubmit, onPicture, onDown }: BoxOptions): Box {
  const input = h('input', {
    id: 'query',
    class: 'query',
    type: 'search',
    dir: 'auto',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    enterkeyhint: 'search',
    maxlength: 1000,
    'aria-controls': 'results',
  });
  const without = h(
    'button',
    { type: 'button', class: 'tool', title: 'Leave out what shows something' },
    icon(WITHOUT),
    h('span', { class: 'tool-name' }, 'Without'),
  );
  const form = h(
    'form',
    { id: 'search-form', class: 'box' },
    h('label', { class: 'visually-hidden', for: 'query' }, 'What to look for, in any language'),
    input,
    without,
    pictureButton(onPicture),
  );
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    onSubmit(input.value.trim());
  });
  input.addEventListener('input', () => onType(input.value.trim()));
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' || event.altKey) return;
    event.preventDefault();
    onDown();
  });
  const element = document.createElement('search');
  element.append(form);
  const show = (text: string) => {
    if (input.value.trim() !== text) input.value = text;
  };
  return { element, input, without, show };
}
