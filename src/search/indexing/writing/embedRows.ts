import type { Encoder } from '../../../encoder/encoder.ts';
import { NotFiniteError } from '../../../encoder/towers/finiteOutputs.ts';
import type { EncoderImage } from '../../../input/image/imageSource.ts';
import { splitRows } from '../../../tensor/rows.ts';

/** The embeddings of images. Where a model answers with what is no number, one after the other: only those have none. */
export async function embedRows(
  encoder: Pick<Encoder, 'embedImages'>,
  images: readonly EncoderImage[],
): Promise<(Float32Array | NotFiniteError)[]> {
  try {
    return splitRows(await encoder.embedImages(images));
  } catch (error) {
    if (!(error instanceof NotFiniteError)) throw error;
    if (images.length === 1) return [error];
    const rows: (Float32Array | NotFiniteError)[] = [];
    for (const image of images) rows.push(...(await embedRows(encoder, [image])));
    return rows;
  }
}
