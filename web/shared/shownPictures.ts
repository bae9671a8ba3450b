/** What a search said of a picture that it found. */
export interface FoundPicture {
  readonly probability: number;
  readonly fits: boolean;
  /** Copies, and further frames or pages of the same file. */
  readonly more: readonly { readonly id: number; readonly title: string; readonly probability: number }[];
}

/** The pictures that the search view shows, in their order. */
export interface ShownPictures {
  readonly collection: string;
  readonly ids: readonly number[];
  /** What was looked for, in words; empty where all pictures are shown. */
  readonly query: string;
  /** Undefined where nothing was looked for, or the search did not find the picture. */
  found(id: number): FoundPicture | undefined;
}

const changed = new EventTarget();
let shown: ShownPictures | undefined;

/** Says which pictures are shown from now on, for whoever leads from one to the next; undefined: none. */
export function setShownPictures(pictures: ShownPictures | undefined): void {
  shown = pictures;
  changed.dispatchEvent(new Event('change'));
}

/** The pictures that are shown now. */
export const shownPictures = (): ShownPictures | undefined => shown;

/** Calls when other pictures are shown, until the signal. */
export function watchShownPictures(listener: () => void, signal: AbortSignal): void {
  changed.addEventListener('change', listener, { signal });
}
