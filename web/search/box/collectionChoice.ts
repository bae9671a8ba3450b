import type { CollectionInfo } from '../../shared/collections.ts';
import { h } from '../../shared/element.ts';
import { compact } from '../../shared/numbers.ts';

/** Which collection is searched; hidden where there is no choice. */
export function collectionChoice(onChange: (name: string) => void) {
  const select = h('select', { id: 'collection', class: 'select', 'aria-label': 'Collection' });
  select.addEventListener('change', () => onChange(select.value));
  const show = (collections: readonly CollectionInfo[], chosen: string | undefined) => {
    select.hidden = collections.length < 2;
    select.replaceChildren(
      ...collections.map(({ name, pictures }) =>
        h('option', { value: name, selected: name === chosen }, `${name} · ${compact(pictures)}`),
      ),
    );
  };
  return { element: select, show };
}
