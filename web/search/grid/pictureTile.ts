import { type CollectionInfo, type Hit, type Picture, thumbnailAddress } from '../../shared/collections.ts';
import { h, icon } from '../../shared/element.ts';
import { meter } from '../../shared/meter.ts';
import { linkTo } from '../../shell/router.ts';
import type { Tile } from './grid.ts';

/** What a tile shows. */
export interface TileSource {
  readonly collection: CollectionInfo;
  /** Undefined until it is known; null where it is gone. */
  picture(id: number): Picture | null | undefined;
  hit(id: number): Hit | undefined;
  moreLike(id: number): void;
}

const ALIKE = 'M8 8h12v12H8zM4 16V4h12';

const time = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** Which part of its file a picture is: 0:42 of a video, p. 3 of a document. */
function placeInFile({ kind, at }: Picture): string | undefined {
  if (kind === 'frame') return time(at);
  return kind === 'page' ? `p. ${at}` : undefined;
}

/** Pixels of a thumbnail's longer side: the picture fills its tile also where it is cut. */
const sideFor = ({ fixed }: CollectionInfo): number => (fixed ? 128 : devicePixelRatio > 1.5 ? 640 : 320);

const badge = (text: string, place: string): HTMLElement => h('span', { class: `badge-${place}` }, text);

/** In place of a picture that cannot be shown. */
const gone = (text: string): HTMLElement => h('span', { class: 'gone', dir: 'auto' }, text);

/** The tile of a picture: a link that opens it. */
export function pictureTile(id: number, { collection, picture, hit, moreLike }: TileSource): Tile {
  const thumb = h('span', { class: 'thumb' });
  const name = h('span', { class: 'name', dir: 'auto' });
  const link = h('a', { class: 'tile', href: linkTo({ in: collection.name, picture: id }) }, thumb, name);
  const alike = h(
    'button',
    {
      type: 'button',
      class: 'alike',
      tabindex: -1,
      title: 'More like this',
      on: { click: () => moreLike(id) },
    },
    icon(ALIKE, 16),
  );
  const element = h('div', { role: 'gridcell', class: 'cell' }, link, alike);
  let image: HTMLImageElement | undefined;
  let shown: Picture | null | undefined;
  let shownHit: Hit | undefined;

  const showPicture = (known: Picture) => {
    name.textContent = known.title;
    link.title = known.path ?? known.title;
    alike.setAttribute('aria-label', `More like ${known.title}`);
    const source = thumbnailAddress(collection.name, id, sideFor(collection));
    image = h('img', { alt: '', decoding: 'async', draggable: 'false' });
    image.addEventListener('error', () => thumb.replaceChildren(gone(known.title)));
    image.src = source;
    const place = placeInFile(known);
    thumb.replaceChildren(image, ...(place === undefined ? [] : [badge(place, 'place')]));
  };
  const showHit = (known: Hit | undefined) => {
    link.querySelector('.meter')?.remove();
    link.querySelector('.badge-more')?.remove();
    if (!known) return;
    link.append(meter(known.probability));
    if (known.more.length > 0) thumb.append(badge(`+${known.more.length}`, 'more'));
  };
  return {
    element,
    link,
    update() {
      const known = picture(id);
      if (known && !shown) showPicture(known);
      else if (known === null && shown === undefined) thumb.replaceChildren(gone('No longer there'));
      shown = known;
      const found = hit(id);
      if (found !== shownHit) showHit(found);
      shownHit = found;
      link.href = linkTo({ in: collection.name, picture: id });
      link.classList.toggle('waiting', known === undefined);
    },
    end() {
      // Nobody waits for it any more.
      if (image && !image.complete) image.removeAttribute('src');
    },
  };
}

/** A tile of the same size, while it is not known what comes. */
export function emptyTile(): Tile {
  const element = h('div', { role: 'gridcell', class: 'cell' }, h('span', { class: 'tile waiting' }));
  return { element, update() {}, end() {} };
}
