import type { FetchedImage } from '../imageUrls/fetchImage.ts';
import { badRequest, RequestError } from '../requests/errors.ts';
import type { Service } from '../service.ts';
import type { ItemImage } from './item.ts';

/** What images are looked for in. */
export type ImageSources = Pick<Service, 'collections' | 'fetchImage'>;

/** An image that holds nothing of what requests share. */
const here = (file: File): FetchedImage => ({ file, release: () => {} });

/** Longest side of a collection's picture, in pixels: far more than a model looks at. */
export const PICTURE_SIDE = 2048;

async function collectionPicture(
  { collections }: ImageSources,
  { collection: name, id }: Extract<ItemImage, { kind: 'picture' }>,
  signal: AbortSignal,
): Promise<FetchedImage> {
  if (!collections)
    throw new RequestError(404, `there is no collection ${name}: this server has none`, {
      code: 'collection_not_found',
    });
  const served = await collections.get(name);
  const [picture] = await served.collection.pictures([id]);
  if (!picture)
    throw new RequestError(404, `the collection ${name} has no picture ${id}`, { code: 'picture_not_found' });
  const webp = await served.image(picture, PICTURE_SIDE, signal);
  return here(new File([Uint8Array.from(webp)], served.titleOf(picture), { type: 'image/webp' }));
}

/**
 * The file of an image that a request names, and how to say that it is no longer needed.
 * @throws HTTPException 400 where it is an address, and none is fetched; 404 naming the picture that there is not; the
 *   signal's reason when it is aborted first
 */
export async function openImage(
  sources: ImageSources,
  image: ItemImage,
  signal: AbortSignal,
): Promise<FetchedImage> {
  if (image.kind === 'data') return here(image.file);
  if (image.kind === 'picture') return collectionPicture(sources, image, signal);
  if (!sources.fetchImage)
    throw badRequest(
      `${image.url.slice(0, 200)}: this server fetches no images: send the file's bytes as a data URI, or start it with --image-urls`,
    );
  return sources.fetchImage(image.url, { signal });
}
