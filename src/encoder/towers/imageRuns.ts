import type { DecodeOptions } from '../../input/image/decode/decodeImage.ts';
import { fittedPicture, isFitted, type ModelImage } from '../../input/image/fittedImage.ts';
import { type EncoderImage, imageFeeds, toModelImage } from '../../input/image/imageSource.ts';
import {
  type NaflexPicture,
  naflexPicture,
  patchCount,
  stackPictures,
} from '../../input/image/naflex/naflexPicture.ts';
import type {
  FixedPreprocessing,
  ImagePreprocessing,
  NaflexPreprocessing,
} from '../../input/image/preprocessing.ts';
import { checkImage } from '../../input/image/rgbImage.ts';
import type { Arrays } from '../../tensor/index.ts';

/** Images for one run of the engine. */
export interface ImageRun {
  readonly feeds: Arrays;
  /** Which of the caller's images they are, in the order of the feeds. */
  readonly places: readonly number[];
}

export interface ImageRunSettings {
  readonly preprocessing: ImagePreprocessing;
  readonly decode: DecodeOptions;
  /** Images in a run. Default: 8, or of NaFlex pictures as many as have {@link RUN_PATCHES} together. */
  readonly imageBatch?: number | undefined;
  /** Told of each image that cannot be read or decoded, which is then left out. Default: that is an error. */
  readonly onBad?: ((place: number, error: unknown) => void) | undefined;
}

const BATCH = 8;
/** Patches of a NaFlex run, padding included: eight images of 256. */
export const RUN_PATCHES = BATCH * 256;
/** Patches that wait to be sorted: 50 MB of pixels for patches of 16. More would save nothing that can be measured. */
const WINDOW_PATCHES = 8 * RUN_PATCHES;
/** Images that are looked at before the first of them is embedded, however few patches they have. */
const WINDOW_IMAGES = 256;

/** Images that were decoded, with their places; those that cannot be are told of or an error. */
async function decoded(
  sources: readonly EncoderImage[],
  start: number,
  { decode, onBad }: ImageRunSettings,
): Promise<{ place: number; image: ModelImage }[]> {
  const tried = await Promise.allSettled(sources.map(async (source) => toModelImage(source, decode)));
  return tried.flatMap((one, i) => {
    if (one.status === 'fulfilled') return [{ place: start + i, image: one.value }];
    if (!onBad) throw one.reason;
    onBad(start + i, one.reason);
    return [];
  });
}

async function* fixedRuns(
  sources: readonly EncoderImage[],
  settings: ImageRunSettings,
  preprocessing: FixedPreprocessing,
): AsyncGenerator<ImageRun> {
  const size = settings.imageBatch ?? BATCH;
  for (let start = 0; start < sources.length; start += size) {
    const good = await decoded(sources.slice(start, start + size), start, settings);
    if (good.length === 0) continue;
    const images = good.map(({ image }) => image);
    yield { feeds: imageFeeds(images, preprocessing), places: good.map(({ place }) => place) };
  }
}

/** A picture whose length is known. */
interface Measured {
  readonly place: number;
  readonly length: number;
  picture(): NaflexPicture;
}

/**
 * The lengths of pictures, and their patches: of files at once, since decoded they are larger than their patches; of
 * pixels that the caller holds only when their run is put together, while the engine works on the one before.
 */
async function measured(
  sources: readonly EncoderImage[],
  start: number,
  settings: ImageRunSettings,
  preprocessing: NaflexPreprocessing,
): Promise<Measured[]> {
  const good = await decoded(sources, start, settings);
  const measure = ({ place, image }: (typeof good)[number]): Measured => {
    if (isFitted(image)) {
      const picture = fittedPicture(image, preprocessing);
      return { place, length: picture.rows * picture.columns, picture: () => picture };
    }
    checkImage(image);
    const length = patchCount(image, preprocessing);
    if (sources[place - start] === image)
      return { place, length, picture: () => naflexPicture(image, preprocessing) };
    const picture = naflexPicture(image, preprocessing);
    return { place, length, picture: () => picture };
  };
  return good.flatMap((one) => {
    try {
      return [measure(one)];
    } catch (error) {
      if (!settings.onBad) throw error;
      settings.onBad(one.place, error);
      return [];
    }
  });
}

/** Longest first: the engine's memory is at its largest from the start. Equal ones keep their order. */
const byLength = (a: Measured, b: Measured): number => b.length - a.length || a.place - b.place;

async function* naflexRuns(
  sources: readonly EncoderImage[],
  settings: ImageRunSettings,
  preprocessing: NaflexPreprocessing,
): AsyncGenerator<ImageRun> {
  const { maxNumPatches, patchSize } = preprocessing;
  const { imageBatch } = settings;
  const sizeFor = (length: number) => imageBatch ?? Math.max(1, Math.floor(RUN_PATCHES / length));
  const window = Math.max(
    Math.min(WINDOW_IMAGES, Math.floor(WINDOW_PATCHES / maxNumPatches)),
    imageBatch ?? 1,
  );
  for (let first = 0; first < sources.length; first += window) {
    const waiting: Measured[] = [];
    const last = Math.min(first + window, sources.length);
    // A few at a time: decoded pictures are large.
    for (let start = first; start < last; start += BATCH)
      waiting.push(
        ...(await measured(
          sources.slice(start, Math.min(start + BATCH, last)),
          start,
          settings,
          preprocessing,
        )),
      );
    waiting.sort(byLength);
    while (waiting.length > 0) {
      const { length } = waiting[0]!;
      const run = waiting.splice(0, sizeFor(length));
      const pictures = run.map((one) => one.picture());
      yield {
        feeds: { ...stackPictures(pictures, patchSize, length) },
        places: run.map(({ place }) => place),
      };
    }
  }
}

/** One value ahead of whoever reads: the next run is prepared while the engine works on this one. */
async function* oneAhead<T>(values: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = values.next();
  for (;;) {
    const { done, value } = await next;
    if (done) return;
    next = values.next();
    // Awaited in the next round; a failure before that must not count as unhandled.
    next.catch(() => {});
    yield value;
  }
}

/**
 * Cuts images into runs of the engine. Those of a fixed-resolution model stay in their order. NaFlex pictures are sorted
 * by length within a window of bounded size, and each run is padded only to its own longest picture: a thin picture does
 * not pay for a full one. What a picture's embedding is does not depend on its run, up to the order of sums.
 * @throws Error naming the image that cannot be read, unless `onBad` is told of it
 */
export function imageRuns(
  sources: readonly EncoderImage[],
  settings: ImageRunSettings,
): AsyncGenerator<ImageRun> {
  const { preprocessing } = settings;
  return oneAhead(
    preprocessing.kind === 'fixed'
      ? fixedRuns(sources, settings, preprocessing)
      : naflexRuns(sources, settings, preprocessing),
  );
}
