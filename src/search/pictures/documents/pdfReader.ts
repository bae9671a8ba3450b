import { z } from 'zod';
import { threadModule, threadPool } from '../../../data/sources/thread/threadPool.ts';
import { ThreadStopped, type WatchedThread } from '../../../data/sources/thread/watchedThread.ts';
import { DEFAULT_MAX_BYTES } from '../../../input/image/decode/decodeImage.ts';
import { readLimited } from '../../../input/image/decode/imageFile.ts';
import { type RgbImage, rgbImage } from '../../../input/image/rgbImage.ts';
import { fitted } from '../fitted.ts';
import { mapReading } from '../mapReading.ts';
import type { PictureReader, ReadOptions, ReadPicture } from '../pictures.ts';
import { MOST_MEMORY } from './boundMemory.ts';
import type { PdfQuestion } from './pdfWorker.ts';

export const PDF_EXTENSIONS: readonly string[] = ['pdf'];

/** Milliseconds that a page may take. */
const PATIENCE = 60_000;
/** Most pages of a document. */
const MOST_PAGES = 20_000;
/** A thread whose memory has grown past this is not kept for other documents. */
const MOST_KEPT_BYTES = 2 ** 28;

/** PDFium in threads that can be ended: a document from anywhere may keep it busy for ever, or make it crash. */
const threads = threadPool(threadModule('pdfWorker', import.meta.url));

const openSchema = z.union([z.object({ pages: z.number() }), z.object({ refused: z.string() })]);
const closeSchema = z.object({ bytes: z.number() });
const pageSchema = z.object({
  image: z
    .object({ width: z.number(), height: z.number(), data: z.instanceof(Uint8Array) })
    .transform(({ width, height, data }) => rgbImage(width, height, data))
    .optional(),
});

/** Asks the thread that a document is open in. */
type Ask = (question: PdfQuestion) => Promise<unknown>;

/**
 * Opens a document in a thread, does something with it there, and closes it.
 * @throws Error with the reason where it cannot be opened, or the thread had to be ended; the signal's reason
 */
async function* withDocument<T, R>(
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
  use: (ask: Ask, pages: number) => AsyncGenerator<T, R>,
): AsyncGenerator<T, R> {
  signal?.throwIfAborted();
  const thread = threads.take();
  let isBroken = false;
  const ask: Ask = (question) =>
    thread.ask(question, PATIENCE).catch((error: unknown) => {
      isBroken = true;
      throw new Error(reasonOf(error), { cause: error });
    });
  const stop = (): void => void thread.stop();
  signal?.addEventListener('abort', stop);
  try {
    const opened = openSchema.parse(await ask({ kind: 'open', bytes }));
    if ('refused' in opened) throw new Error(opened.refused);
    return yield* use(ask, opened.pages);
  } finally {
    signal?.removeEventListener('abort', stop);
    if (isBroken || !thread.isIdle()) await thread.stop();
    else await release(thread);
  }
}

/** A page that was drawn. */
interface Page {
  readonly number: number;
  readonly image: RgbImage;
}

/** Most pages that are named one by one. */
const MOST_NAMED = 5;

/** `pages 2, 5 of 20 can't be drawn`. */
function missingText(missing: readonly number[], pages: number): string {
  const more = missing.length > MOST_NAMED ? ` and ${missing.length - MOST_NAMED} more` : '';
  const named = missing.slice(0, MOST_NAMED).join(', ');
  return `${missing.length === 1 ? 'page' : 'pages'} ${named}${more} of ${pages} can't be drawn`;
}

/** A sentence for what ended a document. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ThreadStopped) return `can't be drawn (${message}): save it anew, or as images.`;
  // Emscripten's word for an end without a reason; mostly there was no memory.
  if (!message.startsWith('Aborted')) return message;
  return `can't be drawn (it is damaged, or takes more than ${MOST_MEMORY / 2 ** 20} MiB): save it anew, or as images.`;
}

/** @returns undefined for a page that cannot be drawn */
const drawn = async (ask: Ask, page: number): Promise<RgbImage | undefined> =>
  pageSchema.parse(await ask({ kind: 'page', page })).image;

/**
 * The pages of a document. One that cannot be drawn is left out.
 * @returns in the end which ones are left out, in words
 * @throws Error with the reason where there is none, or the thread had to be ended; the signal's reason
 */
const drawPages = (
  bytes: Uint8Array,
  signal: AbortSignal | undefined,
): AsyncGenerator<Page, string | undefined> =>
  withDocument(bytes, signal, async function* (ask, pages) {
    if (pages > MOST_PAGES) throw new Error(`has ${pages} pages, more than the limit of ${MOST_PAGES}.`);
    const missing: number[] = [];
    for (let number = 1; number <= pages; number++) {
      signal?.throwIfAborted();
      const image = await drawn(ask, number);
      if (image) yield { number, image };
      else missing.push(number);
    }
    if (missing.length === pages) throw new Error('has no page that can be drawn.');
    return missing.length === 0 ? undefined : missingText(missing, pages);
  });

/**
 * One page of a document, from 1.
 * @throws Error with the reason where it cannot be drawn; the signal's reason
 */
export async function drawPage(
  bytes: Uint8Array,
  page: number,
  signal: AbortSignal | undefined,
): Promise<RgbImage> {
  const reading = withDocument(bytes, signal, async function* (ask) {
    const image = await drawn(ask, page);
    if (image) yield image;
  });
  for await (const image of reading) return image;
  throw new Error(`page ${page} can't be drawn`);
}

/** Closes the document; the thread is kept for others unless it has grown large. */
async function release(thread: WatchedThread): Promise<void> {
  const { bytes } = closeSchema.parse(await thread.ask({ kind: 'close' }, PATIENCE));
  if (bytes > MOST_KEPT_BYTES) await thread.stop();
  else await threads.giveBack(thread);
}

async function* read(
  path: string,
  { model, bytes, signal }: ReadOptions,
): AsyncGenerator<ReadPicture, string | undefined> {
  const given = await readLimited(bytes ?? path, path, model.decode.maxBytes ?? DEFAULT_MAX_BYTES);
  try {
    return yield* mapReading(drawPages(given, signal), ({ number, image }) => {
      const { width, height } = image;
      return { facts: { kind: 'page', at: number, width, height }, image: fitted(image, path, model) };
    });
  } catch (cause) {
    signal?.throwIfAborted();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(message.startsWith(`${path}: `) ? message : `${path}: ${message}`, { cause });
  }
}

/** The pages of PDF documents, on white, their longer side of 1,024 pixels. */
export const pdfReader: PictureReader = { how: 'pages', read };
