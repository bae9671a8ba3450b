import { h } from '../shared/element.ts';
import type { StoredPicture, Subject } from '../shared/subject.ts';
import { giveToLabel } from '../shared/toLabel.ts';
import { hrefOf } from '../shell/address.ts';
import { address, go, goTo, linkTo } from '../shell/router.ts';
import { largeAddress } from './askPicture.ts';

const isPlain = (event: MouseEvent): boolean =>
  event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);

/** A search for pictures like this one alone. */
function moreLikeThis({ collection, id }: StoredPicture): HTMLElement {
  const href = hrefOf({ in: collection, like: id });
  const click = (event: MouseEvent) => {
    if (!isPlain(event)) return;
    event.preventDefault();
    // Without the files of the query before.
    goTo(href, { kept: {} });
  };
  return h('a', { class: 'button primary', href, on: { click } }, 'More like this');
}

/** The present search with this picture as one more part. */
function searchWithThis({ id }: StoredPicture): HTMLElement {
  const like = [...new Set([...address().values.getAll('like'), String(id)])];
  const href = linkTo({ like, picture: undefined, where: undefined });
  return h('a', { class: 'button', href }, 'Search with this picture');
}

/** What can be done with a picture. */
export function actionsOf(subject: Subject, leave: () => void): HTMLElement[] {
  const label = () => {
    if (address().view === 'search') leave();
    else go({ view: 'search', picture: undefined, where: undefined });
    giveToLabel(subject);
  };
  const labelIt = h('button', { type: 'button', class: 'button', on: { click: label } }, 'Label it');
  if (subject.kind === 'given') return [labelIt];
  const { collection, id } = subject;
  const whole = { class: 'button', href: largeAddress(collection, id), target: '_blank', rel: 'noopener' };
  return [moreLikeThis(subject), searchWithThis(subject), labelIt, h('a', whole, 'Open large')];
}
