import { thumbnailAddress } from '../shared/collections.ts';
import { watchShownPictures } from '../shared/shownPictures.ts';
import type { GivenPicture, Subject } from '../shared/subject.ts';
import { address, go, goBackTo } from '../shell/router.ts';
import { askPicture, largeAddress } from './askPicture.ts';
import { createDialog, type PictureDialog } from './dialog.ts';
import { factsOf } from './facts.ts';
import { createGoneDialog, type GoneDialog } from './goneDialog.ts';

let dialog: PictureDialog | undefined;
let gone: GoneDialog | undefined;
let loading = new AbortController();
let given: GivenPicture | undefined;
let isFollowing = false;

/** What the reader's wish to close does: the address changes, and the shell closes. */
const leave = (): void => goBackTo({ picture: undefined, where: undefined });

function opened(): PictureDialog {
  dialog ??= createDialog({
    leave,
    step: (id) => go({ picture: id }, { replace: true }),
    setWhere: (where) => go({ where }, { replace: true }),
  });
  if (!isFollowing) watchShownPictures(() => dialog?.refresh(), new AbortController().signal);
  isFollowing = true;
  return dialog;
}

const whereInAddress = (): string | undefined => address().values.get('where') ?? undefined;

/** Shows a picture of a collection in a dialog. The shell calls it, when the address has a picture; again for another one. */
export function openPicture(collection: string, id: number): void {
  const view = opened();
  const before = view.subject();
  if (before?.kind === 'stored' && before.collection === collection && before.id === id) {
    view.where(whereInAddress());
    return;
  }
  loading.abort();
  loading = new AbortController();
  const { signal } = loading;
  const subject: Subject = { kind: 'stored', collection, id, name: '' };
  view.show(subject, largeAddress(collection, id), thumbnailAddress(collection, id, 320), whereInAddress());
  askPicture(collection, id, signal).then(
    (picture) => view.describe(picture.title, factsOf(picture), picture),
    (error: unknown) => {
      if (!signal.aborted) view.fail(error instanceof Error ? error.message : String(error));
    },
  );
}

/** Asks the page to show a picture that somebody gave, and where it shows a text. Back closes it. */
export function showGiven(picture: GivenPicture, where?: string): void {
  given = picture;
  go({ picture: 'given', where });
}

/** Shows the picture that was given last, or says that a page that was loaded again has none. The shell calls it. */
export function openGiven(): void {
  if (!given) {
    gone ??= createGoneDialog(leave);
    gone.show();
    return;
  }
  const view = opened();
  if (view.subject() === given) {
    view.where(whereInAddress());
    return;
  }
  loading.abort();
  view.show(given, given.address, undefined, whereInAddress());
  view.describe(given.name, []);
}

/** Closes the dialog. The shell calls it, when the address has no picture any more. */
export function closePicture(): void {
  loading.abort();
  dialog?.close();
  gone?.close();
}
