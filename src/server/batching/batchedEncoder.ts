import { comparisons } from '../../encoder/comparison/comparisons.ts';
import type { EmbedImagesOptions, Encoder } from '../../encoder/encoder.ts';
import { rowsInPlaces } from '../../encoder/rowsInPlaces.ts';
import { NotFiniteError } from '../../encoder/towers/finiteOutputs.ts';
import type { EncoderImage } from '../../input/image/imageSource.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';
import { splitRows } from '../../tensor/rows.ts';
import { whoAsks } from './asking.ts';
import { createEngineQueue } from './engineQueue.ts';
import { type BatchFacts, createLane, type Lane } from './lane.ts';
import { mostPatches, patchesOf } from './patches.ts';

/**
 * Most tokens (pieces of texts, patches of images) of one run of the engine: 8 texts of 64 pieces, 2 images of 256 patches.
 * On a CPU a token costs no less in larger runs (of B/16, on two cores, those of 32 texts took longer a text than those of
 * 8: `npm run bench -- --only clients`), and who comes next would wait longer.
 */
const BUDGET = 512;

export interface BatchingOptions {
  /** Default 512. */
  readonly budget?: number;
  /** Texts and images of one run, where the encoder was told so. Default: as many as the budget has room for. */
  readonly textBatch?: number | undefined;
  readonly imageBatch?: number | undefined;
  /** Told of each run of the engine. */
  readonly onBatch?: ((facts: BatchFacts) => void) | undefined;
}

/** An encoder that gathers what several ask for. */
export interface BatchedEncoder extends Encoder {
  /** How many texts and images wait for the engine. */
  waiting(): number;
}

/** The error of an item that was computed alone, as its caller counts. */
const atPlace = (error: unknown, kind: string, place: number): unknown =>
  error instanceof NotFiniteError
    ? new NotFiniteError(error.output, place, `${kind} ${place} (from 0)`)
    : error;

/** Rows in their places, or the first error. */
async function rowsOf(answers: readonly Promise<Float32Array>[], width: number, kind: string) {
  const rows = rowsInPlaces(answers.length, width);
  await Promise.all(
    answers.map((answer, place) =>
      answer.then(
        (row) => rows.set([place], row),
        (error: unknown) => Promise.reject(atPlace(error, kind, place)),
      ),
    ),
  );
  return rows.table();
}

/**
 * An encoder whose calls share runs of the engine: what is asked for while a run is under way is gathered for the next one,
 * in turn (see `createEngineQueue`), and a call that finds the engine idle waits for nothing. Each item has its own answer
 * and its own failure: one that cannot be computed fails alone. What a client that is gone has asked for is left out, by the
 * signal of `askingAs`.
 *
 * An item gets what the encoder gives it alone but for rounding (about 1e-7): the engine sums in another order where a run
 * has another size.
 */
export function batchedEncoder(
  encoder: Encoder,
  { budget = BUDGET, textBatch, imageBatch, onBatch }: BatchingOptions = {},
): BatchedEncoder {
  const queue = createEngineQueue();
  const { width, config } = encoder;
  const texts = createLane<string, Float32Array>(queue, {
    ...{ kind: 'text', budget: textBatch ? textBatch * config.text.length : budget, onBatch },
    run: async (some) => splitRows(await encoder.embedTexts(some)),
    tokensOf: () => config.text.length,
    keyOf: (text) => text,
  });
  const alone = createLane<() => Promise<unknown>, unknown>(queue, {
    ...{ kind: 'patches', budget, onBatch },
    run: async (some) => [await some[0]!()],
    tokensOf: () => budget,
  });

  /** Images of different numbers of patches are not computed together. */
  const imageLanes = new Map<number | undefined, Lane<EncoderImage, Float32Array>>();
  function imagesOf(maxNumPatches: number | undefined): Lane<EncoderImage, Float32Array> {
    const known = imageLanes.get(maxNumPatches);
    if (known) return known;
    const lane = createLane<EncoderImage, Float32Array>(queue, {
      ...{ kind: 'image', onBatch },
      budget: imageBatch ? imageBatch * mostPatches(encoder, maxNumPatches) : budget,
      run: async (some) => splitRows(await encoder.embedImages(some, { maxNumPatches })),
      tokensOf: (image) => patchesOf(encoder, image, maxNumPatches),
    });
    imageLanes.set(maxNumPatches, lane);
    return lane;
  }

  async function embedSome(
    images: readonly EncoderImage[],
    { maxNumPatches, onBad }: EmbedImagesOptions & Required<Pick<EmbedImagesOptions, 'onBad'>>,
  ) {
    const rows = rowsInPlaces(images.length, width);
    const answers = await Promise.allSettled(imagesOf(maxNumPatches).ask(images, whoAsks(), false));
    answers.forEach((answer, place) => {
      if (answer.status === 'fulfilled') rows.set([place], answer.value);
      // What is no number is the model's fault, and not that of an image.
      else if (answer.reason instanceof NotFiniteError) throw atPlace(answer.reason, 'image', place);
      else onBad?.(place, answer.reason);
    });
    return rows.table();
  }

  /** Something that shares no run, in its turn. */
  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const answer: T[] = [];
    await Promise.all(
      alone.ask(
        [
          async () => {
            answer.push(await work());
          },
        ],
        whoAsks(),
        true,
      ),
    );
    return answer[0]!;
  }

  const embedTexts: Encoder['embedTexts'] = (some) => rowsOf(texts.ask(some, whoAsks(), true), width, 'text');
  const embedImages: Encoder['embedImages'] = async (images, options = {}) => {
    const { maxNumPatches, onBad } = options;
    // Refuses a number of patches that the model does not take.
    withMaxPatches(encoder.preprocessing, maxNumPatches);
    if (onBad) return embedSome(images, { maxNumPatches, onBad });
    return rowsOf(imagesOf(maxNumPatches).ask(images, whoAsks(), true), width, 'image');
  };

  return {
    ...encoder,
    embedTexts,
    embedImages,
    ...comparisons({ ...encoder, embedTexts, embedImages }),
    embedPatches: (images, options) => inTurn(() => encoder.embedPatches(images, options)),
    imageFeatures: (images, options) => inTurn(() => encoder.imageFeatures(images, options)),
    waiting: () => [texts, alone, ...imageLanes.values()].reduce((sum, lane) => sum + lane.waiting(), 0),
    async dispose() {
      await queue.idle();
      await encoder.dispose();
    },
  };
}
