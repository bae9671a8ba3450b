import { h } from '../shared/element.ts';

/** A command line to copy. */
export function copyable() {
  const code = h('code', { class: 'command' });
  const button = h('button', { type: 'button', class: 'button' }, 'Copy');
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      // Where the page may not: the text is marked, so that the keyboard copies it.
      getSelection()?.selectAllChildren(code);
      button.textContent = 'Press Ctrl-C';
    }
    setTimeout(() => {
      button.textContent = 'Copy';
    }, 2000);
  });
  const element = h('div', { class: 'copyable' }, code, button);
  return {
    element,
    show(text: string): void {
      if (code.textContent !== text) code.textContent = text;
    },
  };
}
