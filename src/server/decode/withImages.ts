import { throwIfGone } from '../requests/budget.ts';
import type { ImageReader, ReadImage } from './imageReader.ts';

/** The images of a request. */
export interface UploadedImages {
  readonly files: readonly File[];
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** NaFlex: most patches of each. Default: the encoder's. */
  readonly maxNumPatches?: number | undefined;
}

/**
 * Reads the images of one request and works with them, when there is memory for what they become; others wait with what
 * they sent, which is counted, too.
 * @throws what reading an image throws; the signal's reason when the client is gone
 */
export async function withImages<Result>(
  reader: ImageReader,
  { files, signal, maxNumPatches }: UploadedImages,
  work: (images: readonly ReadImage[]) => Promise<Result>,
): Promise<Result> {
  const { fitted } = reader;
  const bytes = files.length * reader.fittedBytes(maxNumPatches);
  // One that needs more than there is has it all for itself: its size is bounded by other limits.
  const leave = await fitted.reserve(Math.min(bytes, fitted.total), signal);
  try {
    const images: ReadImage[] = [];
    // One after another, so that a request with many does not keep all threads from the others.
    for (const file of files) images.push(await reader.read(file, signal, maxNumPatches));
    throwIfGone(signal);
    return await work(images);
  } finally {
    leave();
  }
}
