import type { CollectionInfo } from '../../shared/collections.ts';
import { h, icon } from '../../shared/element.ts';
import { sheet } from '../../shared/sheet.ts';
import { type Filter, filterCount, KINDS } from '../query/query.ts';
import { filterValues, valuesOf } from './filterValues.ts';

const FUNNEL = 'M4 6h16M7 12h10M10 18h4';

const field = (name: string, label: string, attributes: Record<string, string>): HTMLElement =>
  h(
    'div',
    { class: 'form' },
    h('label', { class: 'field', for: `filter-${name}` }, label),
    h('input', { id: `filter-${name}`, name, class: 'input', autocomplete: 'off', ...attributes }),
  );

const pair = (...fields: HTMLElement[]): HTMLElement => h('div', { class: 'pair' }, ...fields);

const KIND_NAMES = { image: 'Pictures', frame: 'Frames of videos', page: 'Pages of documents' };

function fields(folders: HTMLDataListElement): HTMLElement[] {
  return [
    pair(field('from', 'Taken from', { type: 'date' }), field('to', 'until', { type: 'date' })),
    field('folder', 'In the folder', { list: folders.id, dir: 'auto', spellcheck: 'false' }),
    folders,
    pair(
      field('min', 'Shorter side from', { type: 'number', min: '1', step: '1', placeholder: 'pixels' }),
      field('max', 'up to', { type: 'number', min: '1', step: '1', placeholder: 'pixels' }),
    ),
    pair(
      field('place', 'Near a place', {
        placeholder: '48.86, 2.35',
        pattern: String.raw`\s*-?[\d.]+\s*,\s*-?[\d.]+\s*`,
        title: 'Latitude and longitude in degrees, such as 48.86, 2.35',
      }),
      field('kilometres', 'within kilometres', {
        type: 'number',
        min: '0.1',
        step: 'any',
        placeholder: '10',
      }),
    ),
    h(
      'fieldset',
      { class: 'kinds' },
      h('legend', { class: 'field' }, 'Kinds'),
      ...KINDS.map((kind) =>
        h(
          'label',
          { class: 'check' },
          h('input', { type: 'checkbox', name: 'kind', value: kind }),
          KIND_NAMES[kind],
        ),
      ),
    ),
  ];
}

/** Which pictures are looked at: a button, and what it opens. */
export function filterSheet(onChange: (filter: Filter) => void) {
  const name = h('span', {}, 'Filters');
  const button = h('button', { type: 'button', id: 'filters', class: 'button' }, icon(FUNNEL, 16), name);
  const folders = h('datalist', { id: 'folders-known' });
  const form = h(
    'form',
    { id: 'filter-form', class: 'filter-form' },
    ...fields(folders),
    h(
      'div',
      { class: 'actions' },
      h('button', { class: 'button primary' }, 'Show'),
      h('button', { type: 'button', class: 'button', on: { click: () => apply({}) } }, 'Clear'),
    ),
  );
  let shown: Filter = {};
  const fill = () => {
    form.reset();
    for (const [field, values] of valuesOf(shown)) {
      for (const input of form.querySelectorAll<HTMLInputElement>(`[name="${field}"]`)) {
        if (input.type === 'checkbox') input.checked = values.includes(input.value);
        else input.value = values[0] ?? '';
      }
    }
  };
  const element = sheet(button, 'Filters', [form], fill);
  const apply = (filter: Filter) => {
    element.hidePopover();
    onChange(filter);
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    apply(filterValues(new FormData(form)));
  });
  const show = (filter: Filter, collection: CollectionInfo | undefined) => {
    shown = filter;
    const count = filterCount(filter);
    name.textContent = count === 0 ? 'Filters' : `Filters · ${count}`;
    button.classList.toggle('on', count > 0);
    button.hidden = (collection?.fixed !== false || collection.pictures === 0) && count === 0;
    folders.replaceChildren(...(collection?.folders ?? []).map(({ path }) => h('option', { value: path })));
  };
  return { button, element, show };
}
