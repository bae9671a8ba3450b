import { createHash } from 'node:crypto';
import type { Embeddings } from '../../encoder/embeddings.ts';
import type { PatchEmbeddings } from '../../encoder/towers/patches.ts';
import type { ImageSize } from '../../input/image/naflex/naflexSize.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';
import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';
import { askingAs } from '../batching/asking.ts';
import { collectionOf, pictureOf } from '../collections/collectionOf.ts';
import { withImages } from '../decode/withImages.ts';
import type { ItemImage } from '../items/item.ts';
import { openImage, PICTURE_SIDE } from '../items/openImage.ts';
import type { Work } from '../service.ts';

/** What a model has seen of an image. */
export interface Look {
  readonly size: ImageSize;
  readonly patches: PatchEmbeddings;
  /** Of the whole image, [1, d]. */
  readonly embedding: Embeddings;
  readonly preprocessing: ImagePreprocessing;
}

export interface AskedImage {
  readonly image: ItemImage;
  readonly maxNumPatches: number | undefined;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

/** Looks at an image; at one of the last few at once. @throws what opening or reading an image throws */
export type LookAt = (asked: AskedImage) => Promise<Look>;

/** Images of which the patches are kept: a few MB each. */
const KEPT = 8;

/** Keeps the results that were asked for last, by key. A failure is not kept. */
function lastFew<T>(most: number): (key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<T>>();
  return (key, make) => {
    const made = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, made);
    made.catch(() => {
      if (kept.get(key) === made) kept.delete(key);
    });
    for (const oldest of kept.keys()) if (kept.size > most) kept.delete(oldest);
    return made;
  };
}

/** A picture of a collection is known before it is read. */
async function pictureKey(work: LookWork, image: ItemImage): Promise<string | undefined> {
  if (image.kind !== 'picture') return undefined;
  const served = await collectionOf(work, image.collection);
  const picture = await pictureOf(served, image.id);
  await served.check(picture);
  return served.tagOf(picture, PICTURE_SIDE);
}

type LookWork = Pick<Work, 'encoder' | 'images' | 'collections' | 'fetchImage'>;

/** What looks at images with the encoder of a server. */
export function createLookAt(work: LookWork): LookAt {
  const { encoder, images } = work;
  const looks = lastFew<Look>(KEPT);

  const look = (file: File, maxNumPatches: number | undefined): Promise<Look> =>
    // Others may wait for it too: it is not given up with the client that asked first.
    askingAs({}, () =>
      withImages(
        images,
        { files: [file], signal: new AbortController().signal, maxNumPatches },
        async (read) => {
          const [patches] = await encoder.embedPatches(read, { maxNumPatches });
          const embedding = await encoder.embedImages(read, { maxNumPatches });
          const { size } = read[0]!;
          const preprocessing = withMaxPatches(encoder.preprocessing, maxNumPatches);
          return { size, patches: patches!, embedding, preprocessing };
        },
      ),
    );

  async function open<T>({ image, signal }: AskedImage, use: (file: File) => Promise<T>): Promise<T> {
    const opened = await openImage(work, image, signal);
    try {
      return await use(opened.file);
    } finally {
      opened.release();
    }
  }

  return async (asked) => {
    const { maxNumPatches } = asked;
    const known = await pictureKey(work, asked.image);
    if (known !== undefined)
      return looks(`${known} ${maxNumPatches}`, () => open(asked, (file) => look(file, maxNumPatches)));
    return open(asked, async (file) => {
      const bytes = new Uint8Array(await file.arrayBuffer());
      const key = createHash('sha256').update(bytes).digest('hex');
      return looks(`${key} ${maxNumPatches}`, () => look(new File([bytes], file.name), maxNumPatches));
    });
  };
}
