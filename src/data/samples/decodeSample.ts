import type { DecodeOptions } from '../../input/image/decode/decodeImage.ts';
import { RASTER_FORMATS } from '../../input/image/decode/imageFormat.ts';
import { toImage } from '../../input/image/imageSource.ts';
import type { RgbImage } from '../../input/image/rgbImage.ts';
import { badRead, messageOf } from './badRead.ts';
import type { BadReason, BadSample, Read, Sample } from './sample.ts';

/** A sample whose image is pixels. */
export type DecodedSample = Omit<Sample, 'image'> & { readonly image: RgbImage };

/** What decoding a read gives; a bad one stays what it was. */
export type DecodedRead =
  | { readonly decoded: DecodedSample; readonly bad?: undefined }
  | { readonly bad: NonNullable<Read['bad']>; readonly decoded?: undefined };

/**
 * Decodes a sample's image, off the main thread. Never throws for what the image holds. Training data comes from
 * strangers: drawings are taken only where `options.formats` says so.
 */
export async function decodeSample({ sample, bad }: Read, options: DecodeOptions = {}): Promise<DecodedRead> {
  if (bad) return { bad };
  try {
    const image = await toImage(sample.image, { formats: RASTER_FORMATS, name: sample.key, ...options });
    return { decoded: { ...sample, image } };
  } catch (error) {
    return { bad: badImage(sample, error) };
  }
}

/** The report of a sample whose image can't be read or decoded. */
export function badImage(
  { source, key, image }: Pick<Sample, 'source' | 'key' | 'image'>,
  error: unknown,
): BadSample {
  const text = messageOf(error);
  // The report names the sample already; errors name it by its key or its file.
  const named = [key, image].find((name) => typeof name === 'string' && text.startsWith(`${name}: `));
  const message = typeof named === 'string' ? text.slice(named.length + 2) : text;
  return badRead(source, key, reasonOf(message), message).bad!;
}

/** By the sentences of `decodeImage` and of reading its file. */
function reasonOf(message: string): BadReason {
  if (/more than the limit/.test(message)) return 'too-large';
  return /can't be read|is not a file/.test(message) ? 'unreadable' : 'undecodable';
}
