/** A text or an image as a program sends it: docs/server.md. */
export type ItemInput =
  | string
  | { readonly text: string }
  | { readonly image: string }
  | { readonly collection: string; readonly id: number };

/** An image that a request names: bytes that came with it, or where they are. */
export type ItemImage =
  | { readonly kind: 'data'; readonly file: File }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'picture'; readonly collection: string; readonly id: number };

/** A text or an image of a request, checked. */
export type Item =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly image: ItemImage };
