import type { Address } from './address.ts';

/** A part of the page with an address of its own. */
export interface View {
  /** As in the address: `/?view=name`. */
  readonly name: string;
  /** In the top bar. */
  readonly title: string;
  /**
   * Fills an empty element. The view follows later changes of its address with `watchAddress(…, signal)`; one that does not
   * simply stays.
   * @param signal aborted when another view is opened: end requests and listeners with it
   */
  open(root: HTMLElement, address: Address, signal: AbortSignal): void | Promise<void>;
}
