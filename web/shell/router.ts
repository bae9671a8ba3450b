import { type Address, addressOf, type Changes, hrefOf } from './address.ts';

/** What an entry of the history knows besides its address. */
interface Entry {
  /** The address that it was reached from. */
  readonly from?: string | undefined;
  /** How far the page was scrolled when it was left. */
  readonly scrolled?: number | undefined;
  /** What cannot stand in an address, such as names of dropped files, by name. */
  readonly kept?: Readonly<Record<string, string>> | undefined;
}

const changed = new EventTarget();

function entry(): Entry {
  const state: unknown = history.state;
  return typeof state === 'object' && state !== null ? state : {};
}

const here = (): string => location.pathname + location.search;

/** The page's address as it is now. */
export const address = (): Address => addressOf(location.search);

/** A link to here with changes. */
export const linkTo = (changes: Changes): string => hrefOf(changes, location.search);

/** How far this entry of the history was scrolled when it was left; 0 for a new one. */
export const scrolledBefore = (): number => entry().scrolled ?? 0;

/** What this entry of the history keeps besides its address. */
export const kept = (name: string): string | undefined => entry().kept?.[name];

export interface GoOptions {
  /** Change the entry of the history instead of adding one: for what is not worth a step back. */
  readonly replace?: boolean;
  /** What the entry keeps besides its address; until it is said anew, what the one before kept. */
  readonly kept?: Readonly<Record<string, string>>;
}

/** Goes to a link of this page. Back returns to where it was, unless `replace`. */
export function goTo(href: string, { replace = false, kept: keeps = entry().kept }: GoOptions = {}): void {
  const before = entry();
  if (replace) {
    history.replaceState({ ...before, kept: keeps } satisfies Entry, '', href);
  } else {
    history.replaceState({ ...before, scrolled: scrollY } satisfies Entry, '');
    history.pushState({ from: here(), kept: keeps } satisfies Entry, '', href);
  }
  changed.dispatchEvent(new Event('change'));
}

/** Changes values of the page's address. */
export const go = (changes: Changes, options: GoOptions = {}): void => goTo(linkTo(changes), options);

/** Goes to an address by a step back where that leads there, so that opening and closing leave no trail; otherwise as `go`. */
export function goBackTo(changes: Changes): void {
  const href = linkTo(changes);
  if (href === here()) return;
  if (entry().from === href) history.back();
  else go(changes);
}

/** Calls with every new address, until the signal. */
export function watchAddress(listener: (address: Address) => void, signal: AbortSignal): void {
  changed.addEventListener('change', () => listener(address()), { signal });
}

/** Whether a click on a link of this page is for us, and not for a new tab. */
function isOurs(event: MouseEvent, link: HTMLAnchorElement): boolean {
  const plain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  return (
    plain &&
    !event.defaultPrevented &&
    link.target === '' &&
    !link.hasAttribute('download') &&
    link.origin === location.origin &&
    link.pathname === '/' &&
    link.hash === ''
  );
}

/** Follows Back, Forward, and links to other addresses of this page. */
export function startRouter(): void {
  // Pictures come after the page: who shows them scrolls to where it was.
  history.scrollRestoration = 'manual';
  addEventListener('popstate', () => changed.dispatchEvent(new Event('change')));
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    if (!link || !isOurs(event, link)) return;
    event.preventDefault();
    goTo(link.pathname + link.search);
  });
}
