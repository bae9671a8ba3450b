import { thumbnailAddress } from '../../shared/collections.ts';
import { h, icon } from '../../shared/element.ts';
import { givenFile } from '../query/givenFiles.ts';
import { isSamePart, type Part, turned } from '../query/query.ts';

const CROSS = 'm7 7 10 10M17 7 7 17';

/** What a part is called, and the picture that stands for it. */
function looksOf(part: Part, collection: string | undefined): { name: string; picture?: string } {
  if (part.kind === 'text') return { name: part.text };
  if (part.kind === 'like') {
    return {
      name: 'this picture',
      ...(collection && { picture: thumbnailAddress(collection, part.id, 64) }),
    };
  }
  const file = givenFile(part.key);
  return file ? { name: file.name, picture: file.address } : { name: 'a picture that was given before' };
}

function chip(
  part: Part,
  collection: string | undefined,
  change: (now: Part | undefined) => void,
): HTMLElement {
  const { name, picture } = looksOf(part, collection);
  const turn = part.isNot ? `Without ${name}: want it` : `With ${name}: leave it out`;
  return h(
    'li',
    { class: part.isNot ? 'query-part not' : 'query-part' },
    h(
      'button',
      {
        type: 'button',
        class: 'turn',
        'aria-label': turn,
        title: turn,
        on: { click: () => change(turned(part)) },
      },
      part.isNot ? 'without' : 'with',
    ),
    ...(picture === undefined ? [] : [h('img', { src: picture, alt: '', width: 28, height: 28 })]),
    h('span', { class: 'query-part-name', dir: 'auto' }, name),
    h(
      'button',
      {
        type: 'button',
        class: 'remove',
        'aria-label': `Remove ${name}`,
        on: { click: () => change(undefined) },
      },
      icon(CROSS, 16),
    ),
  );
}

/** The parts of a query besides the text in the box. */
export function partChips(onChange: (parts: readonly Part[]) => void) {
  const element = h('ul', {
    id: 'parts',
    class: 'query-parts',
    'aria-label': 'Also a part of the query',
    hidden: true,
  });
  const show = (parts: readonly Part[], collection: string | undefined) => {
    element.hidden = parts.length === 0;
    const chips = parts.map((part) =>
      chip(part, collection, (now) => {
        const others = parts.filter((other) => !now || other === part || !isSamePart(other, now));
        onChange(others.flatMap((other) => (other === part ? (now ?? []) : [other])));
      }),
    );
    element.replaceChildren(...chips);
  };
  return { element, show };
}
