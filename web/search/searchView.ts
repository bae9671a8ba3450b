import { labelPanel } from '../label/labelPanel.ts';
import { h } from '../shared/element.ts';
import { listenForImages } from '../shared/givenImages.ts';
import type { View } from '../shell/view.ts';
import { searchSection } from './searchSection.ts';

/** Search with the label panel beside it. */
export const searchView: View = {
  name: 'search',
  title: 'Search',
  async open(root, _address, signal) {
    const panel = labelPanel(signal);
    const search = searchSection(signal);
    root.append(search.element, h('div', { class: 'beside' }, panel.element));
    search.focus();
    const isOfPanel = (at: Element) => panel.element.contains(at);
    listenForImages(
      {
        take: (image, at) => (isOfPanel(at) ? panel.show(image) : search.take(image)),
        refuse: (message, at) => (isOfPanel(at) ? panel : search).fail(new Error(message)),
        hover: (isOver) => root.classList.toggle('over', isOver),
      },
      signal,
    );
    await search.start();
  },
};
