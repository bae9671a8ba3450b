import { h } from './element.ts';
import { percent } from './numbers.ts';

/**
 * A bar with its figure.
 * @param probability 0 … 1
 */
export function meter(probability: number): HTMLElement {
  const bar = h('span', { class: 'bar' });
  bar.style.setProperty('--share', String(probability));
  return h('span', { class: 'meter' }, bar, h('span', { class: 'figure' }, percent(probability)));
}
