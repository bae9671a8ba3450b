import type { ImageReader, ReadImage } from '../decode/imageReader.ts';
import { withImages } from '../decode/withImages.ts';
import type { FetchedImage } from '../imageUrls/fetchImage.ts';
import type { ItemImage } from './item.ts';
import { type ImageSources, openImage } from './openImage.ts';

/** The images of a request of /v1. */
export interface ItemImages {
  readonly images: readonly ItemImage[];
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** NaFlex: most patches of each. Default: the encoder's. */
  readonly maxNumPatches?: number | undefined;
}

/** Images of one request that are fetched at the same time. */
const AT_ONCE = 4;

/**
 * Opens the images, in their order, and puts each into `opened` as soon as it is; when one cannot be opened, the others are
 * given up.
 */
async function openAll(
  sources: ImageSources,
  { images, signal }: ItemImages,
  opened: FetchedImage[],
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const places = images.keys();
  const openNext = async () => {
    for (const place of places) opened[place] = await openImage(sources, images[place]!, either);
  };
  const failed = (error: unknown) => {
    stop.abort(error);
    throw error;
  };
  const lanes = Array.from({ length: AT_ONCE }, () => openNext().catch(failed));
  await Promise.allSettled(lanes);
  await Promise.all(lanes);
}

/**
 * Opens and reads the images of one request and works with them at the model's size, when there is memory for that. What has
 * to be fetched is fetched before it waits for the model.
 * @throws what opening or reading an image throws; the signal's reason when the client is gone
 */
export async function withItemImages<Result>(
  work: ImageSources & { readonly images: ImageReader },
  asked: ItemImages,
  use: (images: readonly ReadImage[]) => Promise<Result>,
): Promise<Result> {
  const { signal, maxNumPatches } = asked;
  const opened: FetchedImage[] = [];
  const release = () => {
    // Those that could not be opened are missing in it.
    opened.forEach((image) => {
      image.release();
    });
    opened.length = 0;
  };
  try {
    await openAll(work, asked, opened);
    const files = opened.map(({ file }) => file);
    return await withImages(work.images, { files, signal, maxNumPatches }, (fitted) => {
      release();
      return use(fitted);
    });
  } finally {
    release();
  }
}
