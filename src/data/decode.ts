import { toImage } from '../encoder/preprocessing.ts';
import type { DecodeOptions } from '../input/image/decode.ts';
import type { ImageFormat } from '../input/image/imageFormat.ts';
import type { RgbImage } from '../input/image/rgbImage.ts';
import type { BadReason, Read, Sample } from './sample.ts';
import { badRead, messageOf } from './sources/read.ts';

/** A sample whose image is pixels. */
export type DecodedSample = Omit<Sample, 'image'> & { readonly image: RgbImage };

/** What decoding a read gives; a bad one stays what it was. */
export type DecodedRead =
  | { readonly decoded: DecodedSample; readonly bad?: undefined }
  | { readonly bad: NonNullable<Read['bad']>; readonly decoded?: undefined };

/** Training data comes from strangers: no drawings that can keep a core busy (see `DecodeOptions.formats`). */
const RASTER: readonly ImageFormat[] = ['jpeg', 'png', 'webp', 'avif', 'gif'];

/** Decodes a sample's image, off the main thread. Never throws for what the image holds. */
export async function decodeSample({ sample, bad }: Read, options: DecodeOptions = {}): Promise<DecodedRead> {
  if (bad) return { bad };
  try {
    const image = await toImage(sample.image, { formats: RASTER, name: sample.key, ...options });
    return { decoded: { ...sample, image } };
  } catch (error) {
    // The report names the sample already.
    const message = messageOf(error).replace(`${sample.key}: `, '');
    return { bad: badRead(sample.source, sample.key, reasonOf(message), message).bad! };
  }
}

/** By the sentences of `decodeImage`. */
function reasonOf(message: string): BadReason {
  if (/more than the limit/.test(message)) return 'too-large';
  return /can't be read|is not a file/.test(message) ? 'unreadable' : 'undecodable';
}
