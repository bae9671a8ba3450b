import { dataUri } from './dataUri.ts';
import { uploadable } from './uploadable.ts';

/** A picture of a collection. */
export interface StoredPicture {
  readonly kind: 'stored';
  readonly collection: string;
  readonly id: number;
  readonly name: string;
}

/** A picture that somebody gave to the page: it is in this page's memory alone. */
export interface GivenPicture {
  readonly kind: 'given';
  readonly file: File;
  readonly name: string;
  /** For an image element, for as long as the page is open. */
  readonly address: string;
  /** As requests carry it; made when it is first asked for. */
  dataUri(): Promise<string>;
}

/** A picture that is looked at. */
export type Subject = StoredPicture | GivenPicture;

/** A picture as the server takes it. */
export type ImageItem = { readonly image: string } | { readonly collection: string; readonly id: number };

export function givenPicture(file: File): GivenPicture {
  let made: Promise<string> | undefined;
  return {
    kind: 'given',
    file,
    name: file.name,
    address: URL.createObjectURL(file),
    dataUri: () => (made ??= uploadable(file).then(dataUri)),
  };
}

/** @throws Error where a given file is no picture that the browser can read */
export async function itemOf(subject: Subject): Promise<ImageItem> {
  if (subject.kind === 'stored') return { collection: subject.collection, id: subject.id };
  return { image: await subject.dataUri() };
}
