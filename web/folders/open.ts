import { session } from '../access/session.ts';
import { type CollectionInfo, servedCollections, watchCollections } from '../shared/collections.ts';
import { h } from '../shared/element.ts';
import { keyed } from '../shared/keyed.ts';
import type { Address } from '../shell/address.ts';
import { addFolder } from './addFolder.ts';
import { collectionCard } from './collectionCard.ts';
import { jobList } from './jobList.ts';

/** Fills the view: collections with their folders, what is being indexed, and a form for one more folder. */
export async function open(root: HTMLElement, _address: Address, signal: AbortSignal): Promise<void> {
  root.append(h('h1', {}, 'Folders'));
  const { may_add_folders: mayChange, reason } = await session();
  if (signal.aborted) return;
  const status = h('p', { class: 'status', role: 'status' });
  const items = h('ul', { class: 'collections', 'aria-labelledby': 'collections-title' });
  const form = addFolder(mayChange ? null : reason, () => {
    document.getElementById('jobs-title')?.scrollIntoView({ block: 'nearest' });
  });
  const collections = h(
    'section',
    { class: 'collections-part' },
    h('h2', { id: 'collections-title' }, 'Collections'),
    status,
    items,
  );
  root.append(h('div', { class: 'folders-body' }, jobList(mayChange, signal), form.element, collections));
  const show = keyed<CollectionInfo>(
    items,
    ({ name }) => name,
    () => collectionCard(mayChange, form.fill),
  );
  const refresh = async () => {
    try {
      const collections = await servedCollections();
      if (signal.aborted) return;
      show(collections);
      form.offer(collections.filter(({ fixed }) => !fixed).map(({ name }) => name));
      status.hidden = collections.length > 0;
      status.textContent = 'There are none yet: add a folder of pictures.';
    } catch (error) {
      status.hidden = false;
      status.className = 'status error';
      status.textContent = error instanceof Error ? error.message : String(error);
    }
  };
  watchCollections(() => void refresh(), signal);
  await refresh();
}
