import { h } from '../../shared/element.ts';
import type { Grid, Part } from './heatGrid.ts';
import { heatPixels } from './heatPixels.ts';

/** Pixels of the longer side of a drawn heatmap: it is smooth, and the browser makes it larger. */
const SIDE = 384;

/** What lies over a picture: a heatmap, and outlines. It knows pictures by shares of their sides alone. */
export interface Layers {
  readonly elements: readonly HTMLElement[];
  /** @param values 0 … 1 */
  heat(grid: Grid, values: readonly (readonly number[])[], ratio: number): void;
  /** Outlines a part; undefined outlines none. */
  box(part: Part | undefined): void;
  /** The patch that all are compared with. */
  mark(part: Part | undefined): void;
  /** The patch that the keyboard or the pointer is at. */
  cursor(part: Part | undefined): void;
  clear(): void;
}

function place(element: HTMLElement, part: Part | undefined): void {
  element.hidden = part === undefined;
  if (!part) return;
  const clamp = (share: number) => Math.min(Math.max(share, 0), 1);
  const [x1, y1, x2, y2] = [clamp(part.x1), clamp(part.y1), clamp(part.x2), clamp(part.y2)];
  for (const [name, share] of Object.entries({ x: x1, y: y1, width: x2 - x1, height: y2 - y1 }))
    element.style.setProperty(`--${name}`, String(share));
}

export function createLayers(): Layers {
  const canvas = h('canvas', { class: 'heat', hidden: true, 'aria-hidden': 'true' });
  const outline = (name: string) =>
    h('div', { class: `outline ${name}`, hidden: true, 'aria-hidden': 'true' });
  const [box, mark, cursor] = [outline('best'), outline('mark'), outline('cursor')];
  return {
    elements: [canvas, box, cursor, mark],
    heat(grid, values, ratio) {
      const [width, height] = ratio >= 1 ? [SIDE, SIDE / ratio] : [SIDE * ratio, SIDE];
      canvas.width = Math.max(1, Math.round(width));
      canvas.height = Math.max(1, Math.round(height));
      const pixels = heatPixels(grid, values, canvas.width, canvas.height);
      canvas.getContext('2d')?.putImageData(new ImageData(pixels, canvas.width, canvas.height), 0, 0);
      canvas.hidden = false;
    },
    box: (part) => place(box, part),
    mark: (part) => place(mark, part),
    cursor: (part) => place(cursor, part),
    clear() {
      canvas.hidden = true;
      for (const element of [box, mark, cursor]) element.hidden = true;
    },
  };
}
