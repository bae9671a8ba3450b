import { h } from '../shared/element.ts';
import { goBackTo } from '../shell/router.ts';

let dialog: HTMLDialogElement | undefined;

/** Shows a picture of a collection in a dialog. The shell calls it, when the address has a picture; again for another one. */
export function openPicture(collection: string, id: number): void {
  // Escape asks to close; the address does it.
  const cancel = (event: Event) => {
    event.preventDefault();
    leave();
  };
  dialog ??= document.body.appendChild(h('dialog', { on: { cancel } }));
  dialog.replaceChildren(
    h('p', {}, `Picture ${id} of ${collection}`),
    h('button', { type: 'button', on: { click: leave } }, 'Close'),
  );
  if (!dialog.open) dialog.showModal();
}

/** Closes the dialog. The shell calls it, when the address has no picture any more. */
export function closePicture(): void {
  dialog?.close();
}

/** What the reader's wish to close does: the address changes, and the shell closes. */
const leave = (): void => goBackTo({ picture: undefined });
