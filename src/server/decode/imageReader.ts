import { HTTPException } from 'hono/http-exception';
import { z } from 'zod';
import { ThreadStopped, type WatchedThread, watchedThread } from '../../data/sources/thread/watchedThread.ts';
import type { Encoder } from '../../encoder/encoder.ts';
import { type DecodeOptions, readImageHeader } from '../../input/image/decode/decodeImage.ts';
import { decodingBytes } from '../../input/image/decode/decodingMemory.ts';
import { RASTER_FORMATS } from '../../input/image/decode/imageFormat.ts';
import type { FittedImage } from '../../input/image/fittedImage.ts';
import { withMaxPatches } from '../../input/image/naflex/patchBudget.ts';
import type { ImagePreprocessing } from '../../input/image/preprocessing.ts';
import { type Budget, createBudget } from '../requests/budget.ts';
import { badRequest } from '../requests/errors.ts';
import { DECODER_SILENCE_MS, LIMITS, SHARED } from '../requests/limits.ts';
import type { DecodeQuestion } from './worker.ts';

/** An image at the size of the model, and the size that it had, in pixels, upright. */
export type ReadImage = FittedImage & { readonly size: { readonly width: number; readonly height: number } };

/** Decodes uploaded images in threads, so many at a time and within a budget of memory. */
export interface ImageReader {
  /** Bytes of images at the model's size, for requests that have images in work. */
  readonly fitted: Budget;
  /** Threads that decode. */
  readonly decoders: Budget;
  /** Bytes of memory for the images that are being decoded. */
  readonly bytes: Budget;
  /**
   * An uploaded image at the size of the model.
   * @param maxNumPatches of a NaFlex model's image. Default: the encoder's
   * @throws HTTPException 400 naming the file when it is not an image that can be read, 413 when it is too large; the
   *   signal's reason when it is aborted first
   */
  read(file: File, signal?: AbortSignal, maxNumPatches?: number): Promise<ReadImage>;
  /** Bytes that one image takes from when it is decoded until it is embedded. */
  fittedBytes(maxNumPatches?: number): number;
  /** Starts the threads, which the first images would otherwise wait for. */
  start(): void;
  /** Ends the threads. */
  stop(): Promise<void>;
}

const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
/** Most megabytes of JavaScript values of a thread; pixels are beside them. */
const HEAP_MEGABYTES = 256;

const size = z.object({ width: z.number(), height: z.number() });
const answerSchema = z.discriminatedUnion('fitted', [
  z.object({
    fitted: z.literal('fixed'),
    image: z.object({ width: z.number(), height: z.number(), data: z.instanceof(Uint8Array) }),
    size,
  }),
  z.object({
    fitted: z.literal('naflex'),
    picture: z.object({ rows: z.number(), columns: z.number(), patches: z.instanceof(Float32Array) }),
    size,
  }),
]);

/** Threads that are asked one thing at a time; one that had to be ended is replaced when it is needed. */
function createThreads(count: number) {
  const threads = new Set<WatchedThread>();
  const add = () => {
    const thread = watchedThread(WORKER, HEAP_MEGABYTES);
    threads.add(thread);
    return thread;
  };
  return {
    start() {
      while (threads.size < count) add();
    },
    idle(): WatchedThread {
      for (const thread of threads) if (thread.isIdle()) return thread;
      return add();
    },
    drop: (thread: WatchedThread) => threads.delete(thread),
    stop: async () => {
      await Promise.all([...threads].map((thread) => thread.stop()));
      threads.clear();
    },
  };
}

const tooLarge = (name: string, message: string) =>
  new HTTPException(413, { message: `${name}: ${message}` });
const megabytes = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** A decoder's sentence about a file, for the client that sent it. */
async function forClient<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Bytes of memory that decoding an image takes, from its header.
 * @param most what there is of it
 * @throws HTTPException 400 when it is not an image, 413 naming the limit that it is above
 */
async function memoryOf(bytes: Uint8Array, options: DecodeOptions & { name: string }, most: number) {
  const header = await forClient(readImageHeader(bytes, options));
  const { width, height, format } = header;
  const image = `is a ${format} image of ${width}×${height} pixels`;
  if (width * height > LIMITS.imagePixels)
    throw tooLarge(options.name, `${image}, more than the limit of ${LIMITS.imagePixels} pixels: shrink it`);
  const needed = decodingBytes(header);
  if (needed > most) {
    const sizes = `which takes ${megabytes(needed)} of memory to decode, more than the limit of ${megabytes(most)}`;
    throw tooLarge(options.name, `${image}, ${sizes}: shrink it`);
  }
  return needed;
}

type ImageShare = Pick<
  { readonly [name in keyof typeof SHARED]: number },
  'fittedBytes' | 'decoders' | 'decodingBytes'
>;

/** Bytes of an image at the model's size, and of the floats that the engine is given of it. */
function bytesOfFitted(config: ImagePreprocessing): number {
  if (config.kind === 'fixed') return config.height * config.width * 3 * (1 + 4);
  return config.maxNumPatches * config.patchSize ** 2 * 3 * (4 + 4);
}

/**
 * A reader of uploaded images for a model.
 *
 * What lies behind transparent parts is the encoder's colour (`decode.background`); without one alpha is dropped, as in the
 * library, on the command line and in Hugging Face's pipelines, so that all of them give one vector.
 */
export function createImageReader(
  { decode, preprocessing }: Pick<Encoder, 'decode' | 'preprocessing'>,
  shared: ImageShare = SHARED,
): ImageReader {
  const decoders = createBudget(shared.decoders);
  const bytes = createBudget(shared.decodingBytes);
  const threads = createThreads(shared.decoders);

  async function decodeInThread(question: DecodeQuestion): Promise<ReadImage> {
    const thread = threads.idle();
    const { buffer } = question.bytes;
    const handedOver = buffer instanceof ArrayBuffer ? [buffer] : [];
    try {
      const answer = await thread.ask(question, DECODER_SILENCE_MS, undefined, handedOver);
      return answerSchema.parse(answer);
    } catch (error) {
      if (!(error instanceof ThreadStopped)) throw error;
      threads.drop(thread);
      throw new Error(`${question.options.name}: decoding it was ended because it ${error.message}`);
    }
  }

  return {
    fitted: createBudget(shared.fittedBytes),
    decoders,
    bytes,
    async read(file, signal, maxNumPatches) {
      const fitted = withMaxPatches(preprocessing, maxNumPatches);
      const leave = await decoders.reserve(1, signal);
      try {
        const content = new Uint8Array(await file.arrayBuffer());
        const options = {
          name: file.name || 'image',
          background: decode.background,
          maxBytes: LIMITS.imageBytes,
          maxPixels: LIMITS.imagePixels,
          // No SVG: a small one can keep a core busy for many seconds. The page draws it first.
          formats: RASTER_FORMATS,
        };
        const giveBack = await bytes.reserve(await memoryOf(content, options, bytes.total), signal);
        try {
          return await forClient(decodeInThread({ bytes: content, options, preprocessing: fitted }));
        } finally {
          giveBack();
        }
      } finally {
        leave();
      }
    },
    fittedBytes: (maxNumPatches) => bytesOfFitted(withMaxPatches(preprocessing, maxNumPatches)),
    start: () => threads.start(),
    stop: () => threads.stop(),
  };
}
