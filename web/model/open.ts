import { h } from '../shared/element.ts';
import type { Address } from '../shell/address.ts';

/** Fills the view. */
export function open(root: HTMLElement, _address: Address, _signal: AbortSignal): void {
  root.append(h('h1', {}, 'Model'));
}
