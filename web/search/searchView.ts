import { labelPanel } from '../label/labelPanel.ts';
import { h } from '../shared/element.ts';
import { listenForImages } from '../shared/givenImages.ts';
import { servedModel } from '../shared/servedModel.ts';
import type { View } from '../shell/view.ts';
import { searchSection } from './search.ts';

/** Search with the label panel beside it. */
export const searchView: View = {
  name: 'search',
  title: 'Search',
  async open(root, _address, signal) {
    const panel = labelPanel(signal);
    const model = servedModel();
    const collectionInfo = model.then(
      ({ gallery }) => gallery ?? Promise.reject(new Error('This model has no collection.')),
    );
    // Whoever searches sees it; without a collection nobody does.
    collectionInfo.catch(() => {});
    const section = searchSection(collectionInfo, signal);
    root.append(section, h('div', { class: 'beside' }, panel.element));
    document.getElementById('query')?.focus({ preventScroll: true });
    listenForImages(
      {
        take: (image) => panel.show(image, image.name),
        refuse: (message) => panel.fail(new Error(message)),
        hover: (isOver) => void document.getElementById('drop')?.classList.toggle('over', isOver),
      },
      signal,
    );
    const { gallery } = await model;
    document.body.classList.toggle('no-gallery', gallery === null);
    section.hidden = gallery === null;
  },
};
