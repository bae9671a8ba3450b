/** Something that is looked for, or not, besides the text in the box. */
export type Part =
  | { readonly kind: 'text'; readonly text: string; readonly isNot: boolean }
  /** A picture of the collection: more like this. */
  | { readonly kind: 'like'; readonly id: number; readonly isNot: boolean }
  /** A picture that somebody gave: it is in the memory of this page alone. */
  | { readonly kind: 'file'; readonly key: string; readonly isNot: boolean };

export type Kind = 'image' | 'frame' | 'page';
export const KINDS: readonly Kind[] = ['image', 'frame', 'page'];

export interface Near {
  readonly latitude: number;
  readonly longitude: number;
  readonly kilometres: number;
}

/** Which pictures are looked at; days are written 2024-05-03, and `to` is the last one of them. */
export interface Filter {
  readonly from?: string;
  readonly to?: string;
  readonly folder?: string;
  readonly minSide?: number;
  readonly maxSide?: number;
  readonly kinds?: readonly Kind[];
  readonly near?: Near;
}

/** What the search view shows. */
export interface Query {
  /** Undefined: the one that was shown last, or the first. */
  readonly collection?: string | undefined;
  readonly text: string;
  readonly parts: readonly Part[];
  readonly filter: Filter;
}

/** Whether anything is looked for; otherwise all pictures are shown. What is not wanted says nothing by itself. */
export const isSearch = ({ text, parts }: Query): boolean => text !== '' || parts.some(({ isNot }) => !isNot);

export const filterCount = (filter: Filter): number => Object.keys(filter).length;

/** The same part, wanted instead of unwanted or the other way round. */
export const turned = (part: Part): Part => ({ ...part, isNot: !part.isNot });

/** Whether two parts are of the same thing. */
export const isSamePart = (a: Part, b: Part): boolean => {
  if (a.kind === 'text') return b.kind === 'text' && a.text === b.text;
  if (a.kind === 'like') return b.kind === 'like' && a.id === b.id;
  return b.kind === 'file' && a.key === b.key;
};

/** With one more part, once. */
export const withPart = (query: Query, part: Part): Query => ({
  ...query,
  parts: [...query.parts.filter((other) => !isSamePart(other, part)), part],
});
