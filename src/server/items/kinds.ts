import { badRequest } from '../requests/errors.ts';
import type { Item, ItemImage } from './item.ts';

/**
 * The images of a request that takes no texts.
 * @param field its name in the request
 * @throws HTTPException 400 naming the first item that is a text
 */
export function imagesOf(items: readonly Item[], field: string): ItemImage[] {
  return items.map((item, i) => {
    if (item.kind === 'image') return item.image;
    const param = items.length === 1 ? field : `${field}.${i}`;
    throw badRequest(
      `${param}: is a text; send an image here, as { "image": "data:image/png;base64,…" }`,
      param,
    );
  });
}
