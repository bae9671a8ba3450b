import { h } from '../shared/element.ts';
import { latest } from '../shared/latest.ts';
import { foldersFrom } from './foldersApi.ts';

/** The name of a folder, of its path. */
const nameOf = (path: string): string =>
  path
    .replace(/[\\/]+$/, '')
    .split(/[\\/]/)
    .at(-1) || path;

/** A path as the beginning of those below it. */
const opened = (path: string): string =>
  /[\\/]$/.test(path) ? path : `${path}${/^[a-z]:\\/i.test(path) ? '\\' : '/'}`;

/**
 * A field for a folder of the server's machine, with the names of folders while one types: arrow keys and Enter, or Tab,
 * choose one (the pattern of a combobox).
 * @param offers whether the server tells its folders to the one who asks
 * @param changed called with each change
 */
export function pathInput(id: string, offers: boolean, changed: () => void) {
  const input = h('input', {
    id,
    class: 'input',
    type: 'text',
    role: 'combobox',
    dir: 'ltr',
    required: true,
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    placeholder: '/home/me/Pictures',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': `${id}-names`,
  });
  const list = h('ul', {
    id: `${id}-names`,
    class: 'names',
    role: 'listbox',
    'aria-label': 'Folders',
    hidden: true,
  });
  let paths: readonly string[] = [];
  let active = -1;

  const mark = (next: number) => {
    active = next;
    for (const [i, option] of [...list.children].entries())
      option.setAttribute('aria-selected', String(i === active));
    const chosen = list.children[active];
    if (chosen) {
      input.setAttribute('aria-activedescendant', chosen.id);
      chosen.scrollIntoView({ block: 'nearest' });
    } else input.removeAttribute('aria-activedescendant');
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    mark(-1);
  };
  const choose = (path: string) => {
    input.value = opened(path);
    changed();
    ask.run(true);
  };
  const offer = (all: readonly string[]) => {
    paths = all;
    list.replaceChildren(
      ...paths.map((path, i) => {
        const option = h(
          'li',
          { id: `${id}-name-${i}`, role: 'option', 'aria-selected': 'false', dir: 'auto' },
          nameOf(path),
        );
        // Not the click: by then the field has lost the focus, and the list is closed.
        option.addEventListener('pointerdown', (event) => event.preventDefault());
        option.addEventListener('click', () => choose(path));
        return option;
      }),
    );
    list.hidden = paths.length === 0 || document.activeElement !== input;
    input.setAttribute('aria-expanded', String(!list.hidden));
    mark(-1);
  };
  const ask = latest(
    120,
    (signal) => (offers ? foldersFrom(input.value, signal) : Promise.resolve([])),
    offer,
    // A folder that there is not (yet) has no names to offer; the form says so when it is sent.
    () => offer([]),
  );

  const keys: Readonly<Record<string, (event: KeyboardEvent) => void>> = {
    ArrowDown: () => mark((active + 1) % paths.length),
    ArrowUp: () => mark((active <= 0 ? paths.length : active) - 1),
    Escape: close,
    Enter: () => choose(paths[active]!),
    Tab: () => choose(paths[active]!),
  };
  input.addEventListener('keydown', (event) => {
    const act = keys[event.key];
    if (!act || list.hidden || event.shiftKey) return;
    const chooses = event.key === 'Enter' || event.key === 'Tab';
    if (chooses && active < 0) return;
    event.preventDefault();
    act(event);
  });
  input.addEventListener('input', () => {
    changed();
    ask.run();
  });
  input.addEventListener('focus', () => ask.run(true));
  input.addEventListener('blur', () => {
    ask.cancel();
    close();
  });
  return { input, element: h('div', { class: 'path' }, input, list) };
}
