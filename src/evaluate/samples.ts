import { badRead, messageOf } from '../data/samples/badRead.ts';
import { badImage, decodeSample } from '../data/samples/decodeSample.ts';
import type { Sample } from '../data/samples/sample.ts';
import { createTally } from '../data/samples/tally.ts';
import { readSource } from '../data/sources/readSource.ts';
import type { Embeddings } from '../encoder/embeddings.ts';
import type { Encoder } from '../encoder/encoder.ts';
import type { ImageFeatures } from '../encoder/towers/features.ts';
import type { RgbImage } from '../input/image/rgbImage.ts';
import { stackRows } from '../tensor/rows.ts';
import { check } from '../tensor/settings.ts';
import { type DataOptions, dataSchema, type SeenSample } from './evaluator.ts';

/** Images per call of the encoder: bounds what is held of encoded and decoded images. */
const GROUP = 64;

/** Whoever does not say what becomes of bad samples gets an error for the first. */
const strictTally = () => createTally({ maxRate: 0, minimum: 1 });

/** Some at a time, in order. */
async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

const seen = ({ image: _, ...sample }: Sample): SeenSample => sample;

/** The samples of a set whose images can be read, with the embeddings of their images, [n, d]. */
export interface EmbeddedSamples {
  readonly samples: readonly SeenSample[];
  readonly embeddings: Embeddings;
}

/**
 * Embeds the images of a set, a group at a time: no more of them is held than that.
 * @returns those that can be read and decoded; the tally is told of the others
 * @throws TooManyBadSamplesError by the tally, or for the first bad sample where there is none; RangeError naming the
 *   option that is none
 * @example
 * const encoder = await load();
 * const { samples, embeddings } = await embedSamples(encoder, { data: await imageFolder('photos') });
 */
export async function embedSamples(
  encoder: Pick<Encoder, 'width' | 'embedImages'>,
  options: DataOptions,
): Promise<EmbeddedSamples> {
  check('embedSamples', dataSchema, options);
  const { data, tally = strictTally() } = options;
  const samples: SeenSample[] = [];
  const tables: Embeddings[] = [];
  const reads = readSource(data, { good() {}, bad: tally.bad });
  for await (const group of inGroups(reads, GROUP)) {
    const errors = new Map<number, unknown>();
    const images = group.map(({ image }) => image);
    tables.push(await encoder.embedImages(images, { onBad: (place, error) => errors.set(place, error) }));
    for (const [place, sample] of group.entries()) {
      if (errors.has(place)) {
        tally.bad(badImage(sample, errors.get(place)));
        continue;
      }
      tally.good(sample);
      samples.push(seen(sample));
    }
  }
  return { samples, embeddings: stackRows('float32', [encoder.width], tables) };
}

/** A sample whose image is decoded, and what else was read of it. */
export interface DecodedRow<More = undefined> {
  readonly sample: SeenSample;
  readonly image: RgbImage;
  readonly more: More;
}

/** Reads what else is needed of a sample; one for which it throws is bad. */
export type ReadMore<More> = (sample: SeenSample, image: RgbImage) => Promise<More>;

/**
 * The samples of a set whose images can be decoded, one by one; the tally is told of the others.
 * @param readMore reads what else is needed. Default: nothing is.
 * @throws TooManyBadSamplesError as {@link embedSamples}
 * @example
 * const data = await imageFolder('photos');
 * for await (const { sample, image } of decodedSamples(await load(), { data })) console.log(sample.key, image.width);
 */
export async function* decodedSamples<More = undefined>(
  encoder: Pick<Encoder, 'decode'>,
  options: DataOptions,
  readMore?: ReadMore<More>,
): AsyncGenerator<DecodedRow<More>> {
  check('samples', dataSchema, options);
  const { data, tally = strictTally() } = options;
  for await (const sample of readSource(data, { good() {}, bad: tally.bad })) {
    const { decoded, bad } = await decodeSample({ sample }, encoder.decode);
    if (bad) {
      tally.bad(bad);
      continue;
    }
    const { image, ...rest } = decoded;
    try {
      // Without a reader `More` is undefined, as the parameter's default says.
      const more = (await readMore?.(rest, image)) as More;
      tally.good(sample);
      yield { sample: rest, image, more };
    } catch (error) {
      tally.bad(badRead(sample.source, sample.key, 'malformed-metadata', messageOf(error)).bad!);
    }
  }
}

/** Images per call for features: those of all patches take more. */
const FEATURE_GROUP = 16;

/**
 * Patch features and pooled outputs of the images of a set, one by one: keep of them what is needed.
 * @param readMore reads what else is needed. Default: nothing is.
 * @throws TooManyBadSamplesError as {@link embedSamples}
 * @example
 * const data = await imageFolder('photos');
 * for await (const { sample, features } of sampleFeatures(await load(), { data })) console.log(sample.key, features.rows);
 */
export async function* sampleFeatures<More = undefined>(
  encoder: Pick<Encoder, 'decode' | 'imageFeatures'>,
  options: DataOptions,
  readMore?: ReadMore<More>,
): AsyncGenerator<DecodedRow<More> & { readonly features: ImageFeatures }> {
  for await (const group of inGroups(decodedSamples(encoder, options, readMore), FEATURE_GROUP)) {
    const features = await encoder.imageFeatures(group.map(({ image }) => image));
    for (const [i, one] of group.entries()) yield { ...one, features: features[i]! };
  }
}
