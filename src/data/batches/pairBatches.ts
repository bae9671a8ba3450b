import { imageFeeds } from '../../input/image/imageSource.ts';
import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';
import { type Arrays, int32 } from '../../tensor/index.ts';
import { createRandom, type Random } from '../../tensor/random.ts';
import {
  callback,
  check,
  count,
  object,
  optional,
  rule,
  settings,
  wholeNumber,
} from '../../tensor/settings.ts';
import type { DecodedSample } from '../samples/decodeSample.ts';
import type { Caption, Region } from '../samples/sample.ts';
import type { SampleStream } from '../streams/stream.ts';
import {
  type BatchMaker,
  type BatchSource,
  type BatchSourceOptions,
  batchSource,
  readingRules,
} from './batchSource.ts';
import { createStack } from './stackRows.ts';

/** The part of a tokenizer that batches need. */
export interface BatchEncoder {
  encodeBatch(texts: readonly string[]): {
    readonly data: Int32Array;
    readonly shape: readonly number[];
  };
}

/** What a step's batch looks like; it may differ from step to step (a sequence length per batch, paper §2.4.2). */
export interface PairBatchShape {
  /** Images in the batch. */
  readonly images: number;
  /** How images become model inputs, of either kind. */
  readonly preprocessing: ImagePreprocessing;
}

export interface PairBatchOptions
  extends Pick<BatchSourceOptions<PairBatch>, 'decode' | 'decodesAhead' | 'tally' | 'positions'> {
  readonly seed: number;
  readonly tokenizer: BatchEncoder;
  /** The same for all steps, or a pure function of the step. */
  readonly shape: PairBatchShape | ((step: number) => PairBatchShape);
  /** Captions per image, drawn anew each time; without repeats where an image has enough. Default 1. */
  readonly textsPerImage?: number;
  /** Changes a sample before it is resized, e.g. crops image and boxes. It must draw only from `random`. */
  readonly transform?: (sample: DecodedSample, random: Random) => DecodedSample;
  /** More arrays of a step's batch, made from its samples as they come (after `transform`). */
  readonly alsoAt?: (step: number) => BatchMaker<Arrays, DrawnSample> | undefined;
}

/** A decoded sample, and the captions that were drawn of it for the batch. */
export interface DrawnSample extends DecodedSample {
  readonly drawn: readonly Caption[];
}

const shapeSchema = settings<PairBatchShape>({ images: count, preprocessing: object('a preprocessing') });

const pairBatchSchema = settings<PairBatchOptions>({
  ...readingRules,
  seed: wholeNumber,
  tokenizer: object('a tokenizer'),
  shape: rule(
    'a shape, or a function that gives one of a step',
    (value) => (typeof value === 'object' && value !== null) || typeof value === 'function',
  ),
  textsPerImage: optional(count),
  transform: optional(callback()),
  alsoAt: optional(callback()),
});

/** What a step is trained on. */
export interface PairBatch {
  /**
   * The vision inputs of the preprocessing (`pixel_values` …), `input_ids` [N·K, T], `image_ids` [N] and `text_ids`
   * `[N·K]`: equal where a caption describes an image. An image that comes twice has one id.
   */
  readonly arrays: Arrays;
  /** Per image, what the arrays don't hold: texts and regions for other losses. */
  readonly samples: readonly BatchSample[];
}

export interface BatchSample {
  readonly source: string;
  readonly key: string;
  /** The K drawn ones. */
  readonly captions: readonly Caption[];
  readonly regions: readonly Region[];
}

/**
 * Training batches of image–text pairs: decoded ahead, resized, tokenized. A pure function of stream, options and step.
 * @throws RangeError naming the option that is none.
 * @example
 * const batches = pairBatches(sampleStream(await imageFolder('photos'), { seed: 0 }), {
 *   seed: 0,
 *   tokenizer: await loadTokenizer('model/tokenizer.json', { length: 64 }),
 *   shape: { images: 32, preprocessing: fixedPreprocessing(224) },
 * });
 */
export function pairBatches(stream: SampleStream, options: PairBatchOptions): BatchSource<PairBatch> {
  check('batches', pairBatchSchema, options);
  const { shape, decode, decodesAhead, tally, positions } = options;
  if (typeof shape === 'object') check('batches.shape', shapeSchema, shape);
  const shapeAt = typeof shape === 'function' ? shape : () => shape;
  return batchSource(stream, {
    ...(decode && { decode }),
    ...(decodesAhead !== undefined && { decodesAhead }),
    ...(tally && { tally }),
    ...(positions && { positions }),
    refuse: ({ captions }) =>
      captions.length === 0
        ? { reason: 'missing-caption', detail: 'has no caption to pair it with' }
        : undefined,
    sizeAt: (step) => shapeAt(step).images,
    makerAt: (step) => pairMaker(step, shapeAt(step), options),
  });
}

function pairMaker(
  step: number,
  { images, preprocessing }: PairBatchShape,
  { seed, tokenizer, transform, textsPerImage = 1, alsoAt }: PairBatchOptions,
): BatchMaker<PairBatch> {
  const pixels = createStack(images);
  const samples: BatchSample[] = [];
  const also = alsoAt?.(step);
  return {
    add(decoded) {
      const random = createRandom(seed, 'data', 'batch', step, samples.length);
      const captions = drawCaptions(decoded.captions, textsPerImage, random);
      const sample = transform?.(decoded, random) ?? decoded;
      const { image, source, key, regions = [] } = sample;
      also?.add({ ...sample, drawn: captions });
      pixels.set(samples.length, imageFeeds([image], preprocessing));
      samples.push({ source, key, captions, regions });
    },
    finish: () => ({
      arrays: { ...pixels.arrays(), ...textArrays(samples, tokenizer), ...also?.finish() },
      samples,
    }),
  };
}

/** `count` captions in random order; they come again only when all have come. */
function drawCaptions(captions: readonly Caption[], count: number, random: Random): Caption[] {
  const order = random.permutation(captions.length);
  return Array.from({ length: count }, (_, i) => captions[order[i % order.length]!]!);
}

function textArrays(samples: readonly BatchSample[], tokenizer: BatchEncoder): Arrays {
  const first = new Map<string, number>();
  const imageIds = samples.map(({ source, key }, slot) => {
    const name = JSON.stringify([source, key]);
    if (!first.has(name)) first.set(name, slot);
    return first.get(name)!;
  });
  const textIds = samples.flatMap(({ captions }, slot) => captions.map(() => imageIds[slot]!));
  const ids = tokenizer.encodeBatch(samples.flatMap(({ captions }) => captions.map(({ text }) => text)));
  return {
    input_ids: int32(ids.shape, ids.data),
    image_ids: int32([imageIds.length], imageIds),
    text_ids: int32([textIds.length], textIds),
  };
}
