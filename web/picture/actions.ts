import { h } from '../shared/element.ts';
import type { StoredPicture, Subject } from '../shared/subject.ts';
import { giveToLabel } from '../shared/toLabel.ts';
import { hrefOf } from '../shell/address.ts';
import { address, go, goTo } from '../shell/router.ts';
import { largeAddress } from './askPicture.ts';
import { searchWith } from './searchWith.ts';

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
const searchWithThis = (subject: Subject): HTMLElement =>
  h(
    'button',
    { type: 'button', class: 'button', on: { click: () => searchWith(subject) } },
    'Search with this picture',
  );

/** Gives the picture to the label panel, when the dialog is closed: closing gives the focus back to where it was before. */
function labelThis(subject: Subject, leave: () => void): HTMLElement {
  const click = ({ currentTarget }: MouseEvent) => {
    const dialog = currentTarget instanceof Element ? currentTarget.closest('dialog') : null;
    dialog?.addEventListener('close', () => giveToLabel(subject), { once: true });
    if (address().view === 'search') leave();
    else go({ view: 'search', picture: undefined, where: undefined });
  };
  return h('button', { type: 'button', class: 'button', on: { click } }, 'Label it');
}

/** What can be done with a picture. */
export function actionsOf(subject: Subject, leave: () => void): HTMLElement[] {
  const both = [searchWithThis(subject), labelThis(subject, leave)];
  if (subject.kind === 'given') return both;
  const { collection, id } = subject;
  const whole = { class: 'button', href: largeAddress(collection, id), target: '_blank', rel: 'noopener' };
  return [moreLikeThis(subject), ...both, h('a', whole, 'Open large')];
}
