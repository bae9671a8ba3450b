import { ago } from '../shared/ago.ts';
import { type CollectionInfo, collectionsHaveChanged } from '../shared/collections.ts';
import { h } from '../shared/element.ts';
import type { Part } from '../shared/keyed.ts';
import { counted, exact } from '../shared/numbers.ts';
import { hrefOf } from '../shell/address.ts';
import { confirmRemoval } from './confirmRemoval.ts';

/** A model with how many pictures it has embedded. */
const modelItem = ({ name, pictures, served }: CollectionInfo['models'][number]): HTMLElement =>
  h('li', {}, `${exact(pictures)} by `, h('bdi', {}, name), served ? ' (served now)' : '');

/**
 * A collection with its folders, and what can be done with it.
 * @param mayChange whether the one who looks at the page may index and remove
 * @param indexAgain makes a folder ready to be indexed again
 */
export function collectionCard(
  mayChange: boolean,
  indexAgain: (collection: string, folder: string) => void,
): Part<CollectionInfo> {
  const name = h('h3', { dir: 'auto' });
  const count = h('span', { class: 'figures' });
  const description = h('p', { class: 'tip', dir: 'auto' });
  const note = h('p', { class: 'tip note' });
  const folders = h('ul', { class: 'folder-list' });
  const models = h('ul', { class: 'figures' });
  const search = h('a', { class: 'button' }, 'Search it');
  const remove = h('button', { type: 'button', class: 'button danger' }, 'Remove…');
  const element = h(
    'li',
    { class: 'panel collection' },
    h('div', { class: 'job-head' }, name, count),
    description,
    folders,
    models,
    note,
    h('div', { class: 'actions' }, search, remove),
  );
  let shown: CollectionInfo | undefined;

  const again = (folder: string): HTMLElement =>
    h(
      'button',
      {
        type: 'button',
        class: 'button small',
        'aria-label': `Index again… ${folder}`,
        on: { click: () => shown && indexAgain(shown.name, folder) },
      },
      'Index again…',
    );
  const folderItem = ({ path, indexed }: CollectionInfo['folders'][number]): HTMLElement =>
    h(
      'li',
      {},
      h(
        'div',
        {},
        h('bdi', { class: 'folder-path' }, path),
        h('p', { class: 'figures' }, indexed === null ? 'not indexed yet' : `indexed ${ago(indexed)}`),
      ),
      ...(mayChange ? [again(path)] : []),
    );
  remove.addEventListener('click', async () => {
    if (!shown) return;
    if (await confirmRemoval(shown.name, counted(shown.pictures, 'picture'))) collectionsHaveChanged();
  });

  return {
    element,
    update(info) {
      if (JSON.stringify(info) === JSON.stringify(shown)) return;
      shown = info;
      name.textContent = info.name;
      count.textContent = counted(info.pictures, 'picture');
      description.textContent = info.description;
      description.hidden = info.description === '' || !info.fixed;
      folders.replaceChildren(...info.folders.map(folderItem));
      folders.hidden = info.folders.length === 0;
      models.hidden = info.fixed || info.models.length === 0;
      models.replaceChildren(...(info.fixed ? [] : info.models.map(modelItem)));
      note.textContent = info.note ?? '';
      note.hidden = info.note === null;
      search.hidden = !info.searchable;
      search.href = hrefOf({ in: info.name });
      search.setAttribute('aria-label', `Search it: ${info.name}`);
      remove.hidden = info.fixed || !mayChange;
      remove.setAttribute('aria-label', `Remove… ${info.name}`);
    },
  };
}
