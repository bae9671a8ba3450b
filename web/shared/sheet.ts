import { h } from './element.ts';

let count = 0;

/** Pixels between a button and what it opens. */
const GAP = 6;
const EDGE = 8;

/** Puts an element below another, within the window. */
function placeBelow(element: HTMLElement, button: HTMLElement): void {
  const at = button.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = element;
  const isRightToLeft = getComputedStyle(button).direction === 'rtl';
  const wanted = isRightToLeft ? at.right - offsetWidth : at.left;
  const left = Math.max(EDGE, Math.min(wanted, document.documentElement.clientWidth - offsetWidth - EDGE));
  const top = Math.max(EDGE, Math.min(at.bottom + GAP, innerHeight - offsetHeight - EDGE));
  element.style.setProperty('--left', `${left}px`);
  element.style.setProperty('--top', `${top}px`);
}

/**
 * What a button opens: below it, on a phone at the bottom of the window. A click elsewhere and Escape close it.
 * @param label says what it is for
 * @param onOpen called before it is seen
 */
export function sheet(
  button: HTMLButtonElement,
  label: string,
  content: readonly Node[],
  onOpen: () => void = () => {},
): HTMLElement {
  const id = `sheet-${++count}`;
  const element = h(
    'div',
    { id, class: 'sheet', popover: 'auto', role: 'dialog', 'aria-label': label },
    ...content,
  );
  button.setAttribute('aria-haspopup', 'dialog');
  button.setAttribute('aria-expanded', 'false');
  button.addEventListener('click', () => element.togglePopover());
  // The press would close it, and the click open it again.
  button.popoverTargetElement = element;
  button.popoverTargetAction = 'show';
  element.addEventListener('beforetoggle', (event) => {
    if (event.newState === 'open') onOpen();
  });
  element.addEventListener('toggle', (event) => {
    const isOpen = event.newState === 'open';
    button.setAttribute('aria-expanded', String(isOpen));
    if (!isOpen) return;
    placeBelow(element, button);
    element.querySelector<HTMLElement>('[data-first]')?.focus();
  });
  return element;
}
