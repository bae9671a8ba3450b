import { h } from '../shared/element.ts';

/** Says that a given picture is no longer there, as its address is opened in a page that never had it. */
export interface GoneDialog {
  show(): void;
  close(): void;
}

/** @param leave called where the reader wants it closed: the address does it */
export function createGoneDialog(leave: () => void): GoneDialog {
  const element = h(
    'dialog',
    { class: 'gone-picture', 'aria-labelledby': 'gone-title' },
    h('h2', { id: 'gone-title' }, 'This picture is no longer here'),
    h(
      'p',
      {},
      'A picture that you give is in the memory of the open page alone, and the page has been loaded again since. Drop it, paste it or choose it once more.',
    ),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'button primary', on: { click: leave } }, 'Close'),
    ),
  );
  element.addEventListener('cancel', (event) => {
    event.preventDefault();
    leave();
  });
  document.body.append(element);
  return {
    show: () => {
      if (!element.open) element.showModal();
    },
    close: () => element.close(),
  };
}
