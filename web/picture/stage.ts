import { h } from '../shared/element.ts';
import { createLayers, type Layers } from './heat/layers.ts';

/** A large picture, with what is drawn over it. */
export interface Stage {
  readonly element: HTMLElement;
  /** Holds the picture and nothing beside it: what is clicked is a point of the picture. */
  readonly frame: HTMLElement;
  readonly layers: Layers;
  /** Width by height. */
  ratio(): number;
  /**
   * Shows another picture.
   * @param address of the large one
   * @param small is shown until the large one is there
   */
  show(address: string, small: string | undefined, name: string): void;
  /** Says what it shows, for those who do not see it. */
  name(text: string): void;
  /** Says how large the picture is, before it is there. */
  size(width: number, height: number): void;
  /** Whether something is drawn over the picture, which is grey then. */
  cover(isCovered: boolean): void;
}

export function createStage(onError: (message: string) => void): Stage {
  const image = h('img', { class: 'large', alt: '', decoding: 'async' });
  const layers = createLayers();
  const frame = h('div', { class: 'frame' }, image, ...layers.elements);
  const element = h('div', { class: 'stage' }, frame);
  let ratio = 1;
  let wanted = '';
  const size = (width: number, height: number) => {
    if (width <= 0 || height <= 0) return;
    ratio = width / height;
    frame.style.setProperty('--ratio', String(ratio));
    frame.style.setProperty('--pixels', `${width}px`);
  };
  const swapIn = async (address: string) => {
    const large = new Image();
    large.src = address;
    try {
      await large.decode();
    } catch {
      if (wanted === address)
        onError('The picture cannot be shown: its file may have been moved or changed.');
      return;
    }
    if (wanted !== address) return;
    image.src = address;
    size(large.naturalWidth, large.naturalHeight);
  };
  return {
    element,
    frame,
    layers,
    ratio: () => ratio,
    show(address, small, name) {
      wanted = address;
      image.alt = name;
      if (small === undefined) image.removeAttribute('src');
      else image.src = small;
      void swapIn(address);
    },
    name(text) {
      image.alt = text;
    },
    size,
    cover: (isCovered) => void frame.classList.toggle('covered', isCovered),
  };
}
