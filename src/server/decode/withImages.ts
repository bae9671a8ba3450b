import type { FittedImage } from '../../input/image/fittedImage.ts';
import { throwIfGone } from '../budget.ts';
import type { ImageReader } from './imageReader.ts';

/** The images of a request. */
export interface UploadedImages {
  readonly files: readonly File[];
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** NaFlex: most patches of each. Default: the encoder's. */
  readonly maxNumPatches?: number | undefined;
}

/**
 * Reads the images of one request and works with them. Only so many requests do so at once; the others wait with what
 * they sent, which is counted, and not with what it becomes.
 * @throws what reading an image throws; the signal's reason when the client is gone
 */
export async function withImages<Result>(
  reader: ImageReader,
  { files, signal, maxNumPatches }: UploadedImages,
  work: (images: readonly FittedImage[]) => Promise<Result>,
): Promise<Result> {
  const leave = await reader.requests.reserve(1, signal);
  try {
    const images: FittedImage[] = [];
    // One after another, so that a request with many does not keep all threads from the others.
    for (const file of files) images.push(await reader.read(file, signal, maxNumPatches));
    throwIfGone(signal);
    return await work(images);
  } finally {
    leave();
  }
}
