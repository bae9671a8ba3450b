import { HEAT_COLOURS } from '../../../src/search/regions/heatColours.ts';
import { h } from '../../shared/element.ts';

/** What the colours of a heatmap mean. */
export interface Legend {
  readonly element: HTMLElement;
  /** @param least what the darkest colour stands for @param most what the brightest does */
  show(least: number, most: number): void;
}

/** The colours from dark to bright, one pixel each. */
function scale(): HTMLCanvasElement {
  const canvas = h('canvas', { class: 'scale', width: 256, height: 1, 'aria-hidden': 'true' });
  const pixels = new Uint8ClampedArray(4 * 256).fill(255);
  for (let i = 0; i < 256; i++) pixels.set(HEAT_COLOURS.subarray(3 * i, 3 * i + 3), 4 * i);
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, 256, 1), 0, 0);
  return canvas;
}

/** @param names of the two ends */
export function createLegend(names: readonly [string, string]): Legend {
  const ends = names.map(() => h('span', { class: 'figure' }));
  const element = h('div', { class: 'heat-legend' }, scale(), h('p', { class: 'ends' }, ...ends));
  return {
    element,
    show(least, most) {
      for (const [i, value] of [least, most].entries())
        ends[i]!.textContent = `${names[i]} (${value.toFixed(2)})`;
    },
  };
}
