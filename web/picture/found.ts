import { thumbnailAddress } from '../shared/collections.ts';
import { h } from '../shared/element.ts';
import { meter } from '../shared/meter.ts';
import { percent } from '../shared/numbers.ts';
import { type FoundPicture, shownPictures } from '../shared/shownPictures.ts';
import type { Subject } from '../shared/subject.ts';
import { linkTo } from '../shell/router.ts';

/** Copies, and further frames or pages of the file, to look at in turn. */
const others = (collection: string, more: FoundPicture['more']): HTMLElement =>
  h(
    'details',
    { class: 'others' },
    h(
      'summary',
      {},
      `${more.length} more of the same: ${more.length === 1 ? 'a copy, frame or page' : 'copies, frames or pages'}`,
    ),
    h(
      'ul',
      {},
      ...more.map(({ id, title, probability }) =>
        h(
          'li',
          {},
          h(
            'a',
            { href: linkTo({ picture: id }), title },
            h('img', { src: thumbnailAddress(collection, id, 160), alt: title, loading: 'lazy' }),
            h('span', { class: 'figures' }, percent(probability)),
          ),
        ),
      ),
    ),
  );

/** What the search said of a picture that it found. */
export function foundPart(subject: Subject): HTMLElement[] {
  const shown = shownPictures();
  if (subject.kind !== 'stored' || shown?.collection !== subject.collection) return [];
  const found = shown.found(subject.id);
  if (!found) return [];
  const verdict = found.fits ? 'fits' : 'does not fit, but is near';
  return [
    h('p', { class: 'tip', dir: 'ltr' }, h('bdi', {}, shown.query), `: ${verdict}`),
    meter(found.probability),
    ...(found.more.length > 0 ? [others(subject.collection, found.more)] : []),
  ];
}
