import { h } from '../shared/element.ts';
import { removeCollection } from './foldersApi.ts';

/**
 * Asks whether a collection is to be removed, and removes it.
 * @returns whether it was
 */
export function confirmRemoval(name: string, pictures: string): Promise<boolean> {
  const error = h('p', { class: 'error', role: 'alert' });
  const keep = h('button', { type: 'button', class: 'button', autofocus: true }, 'Keep it');
  const remove = h('button', { type: 'button', class: 'button danger' }, 'Remove it');
  const dialog = h(
    'dialog',
    { 'aria-labelledby': 'removal-title' },
    h(
      'div',
      { class: 'form' },
      h('h2', { id: 'removal-title' }, 'Remove ', h('bdi', {}, name), '?'),
      h(
        'p',
        {},
        `The collection and what is known of its ${pictures} are forgotten. The pictures’ files stay as they are.`,
      ),
      error,
      h('div', { class: 'actions' }, keep, remove),
    ),
  );
  let isRemoved = false;
  keep.addEventListener('click', () => dialog.close());
  remove.addEventListener('click', async () => {
    remove.disabled = true;
    try {
      await removeCollection(name);
      isRemoved = true;
      dialog.close();
    } catch (failed) {
      error.textContent = failed instanceof Error ? failed.message : String(failed);
      remove.disabled = false;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(isRemoved);
    });
  });
}
