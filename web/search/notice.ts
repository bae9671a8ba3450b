import type { CollectionInfo } from '../shared/collections.ts';
import { h } from '../shared/element.ts';

const folders = (): HTMLElement =>
  h('a', { class: 'button primary', href: '/?view=folders' }, 'Add a folder');

const notice = (title: string, ...content: (Node | string)[]): HTMLElement =>
  h('div', { class: 'notice panel' }, h('h2', {}, title), ...content);

/** What to do where there is nothing to search: no collection, an empty one, or one without vectors of this model. */
export function noticeFor(
  collections: readonly CollectionInfo[],
  chosen: CollectionInfo | undefined,
  wanted: string | undefined,
): HTMLElement | undefined {
  if (collections.length === 0) {
    return notice(
      'There are no pictures yet',
      h('p', {}, 'Add a folder of pictures, and search it in any language.'),
      h('p', {}, folders()),
    );
  }
  if (!chosen) {
    const links = collections.map(({ name }) =>
      h('a', { class: 'button', href: `/?${new URLSearchParams({ in: name })}` }, name),
    );
    return notice(`There is no collection “${wanted}”`, h('p', { class: 'actions' }, ...links));
  }
  if (chosen.pictures === 0) {
    return notice(
      `“${chosen.name}” has no pictures yet`,
      h('p', {}, chosen.note ?? 'Add a folder of pictures to it.'),
      h('p', {}, folders()),
    );
  }
  if (chosen.searchable) return undefined;
  const reason =
    chosen.note ?? 'It was indexed with another model. Index its folders again, or serve that model.';
  return notice(
    `“${chosen.name}” cannot be searched with this model`,
    h('p', {}, reason),
    h(
      'p',
      { class: 'actions' },
      folders(),
      h('a', { class: 'button', href: '/?view=model' }, 'Choose another model'),
    ),
  );
}
