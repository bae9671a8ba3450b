import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../data/samples/badRead.ts';
import type { Picture } from '../../../search/collection/picture.ts';
import { factsOf } from '../../../search/indexing/listing/statFiles.ts';
import { throwIfGone } from '../../requests/budget.ts';
import { RequestError } from '../../requests/errors.ts';
import { titleOf } from '../titleOf.ts';
import { cacheFolder } from './cacheFolder.ts';
import { createDiskCache } from './diskCache.ts';
import { drawPicture } from './drawPicture.ts';
import { newestFirst } from './newestFirst.ts';

/** Pictures of files, small, as WebP. */
export interface Thumbnails {
  /** Names the bytes: pictures with the same content have the same. */
  tagOf(picture: Picture, side: number): string;
  /** @throws HTTPException 404 where the picture's file is gone or has changed, naming it */
  check(picture: Picture): Promise<void>;
  /**
   * @param side most pixels of the longer side
   * @throws HTTPException 404 where its file is gone, has changed, or cannot be read; the signal's reason
   */
  image(picture: Picture, side: number, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

export interface ThumbnailOptions {
  readonly log: (line: string) => void;
  /** Default: `thumbnails` in the user's cache folder. */
  readonly folder?: string | undefined;
  /** Bytes of all that is kept. Default 512 MiB. */
  readonly mostBytes?: number | undefined;
}

/** Pictures that are drawn at the same time. */
const AT_ONCE = 2;
const MOST_BYTES = 512 * 2 ** 20;
/** Only up to this side pictures are kept: larger ones are looked at one by one. */
const KEPT_SIDE = 640;
/** When pictures are drawn in another way, those that are kept have no meaning. */
const EDITION = 1;

interface Drawing {
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
  readonly stop: AbortController;
  /** How many wait for it. */
  waiting: number;
}

const lost = (picture: Picture, what: string): RequestError =>
  new RequestError(404, `${titleOf(picture)}: ${what}`, { code: 'file_not_found' });

async function check(picture: Picture): Promise<void> {
  const found = await stat(picture.path).catch(() => undefined);
  if (!found?.isFile()) throw lost(picture, 'its file is gone; index the folder again');
  const { bytes, modified } = factsOf(found);
  if (bytes !== picture.bytes || modified !== picture.modified)
    throw lost(picture, 'its file has changed since it was indexed; index the folder again');
}

function tagOf({ hash, kind, at }: Picture, side: number): string {
  return createHash('sha256').update(`${EDITION} ${hash} ${kind} ${at} ${side}`).digest('hex');
}

/** Waits for a drawing that others may wait for too; when all of them are gone it is given up. */
async function share(drawing: Drawing, signal: AbortSignal | undefined) {
  drawing.waiting++;
  const leave = () => {
    drawing.waiting--;
    if (drawing.waiting === 0) drawing.stop.abort(signal?.reason);
  };
  signal?.addEventListener('abort', leave, { once: true });
  try {
    const bytes = await drawing.bytes;
    throwIfGone(signal);
    return bytes;
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

/** Draws pictures a few at a time, what was asked for last first, and keeps them. */
export function createThumbnails({
  log,
  folder = join(cacheFolder(), 'thumbnails'),
  mostBytes = MOST_BYTES,
}: ThumbnailOptions): Thumbnails {
  const cache = createDiskCache(folder, mostBytes, log);
  const turn = newestFirst(AT_ONCE);
  const drawings = new Map<string, Drawing>();

  async function draw(picture: Picture, side: number, signal: AbortSignal) {
    const bytes = await turn(() => drawPicture(picture, side, signal), signal).catch((error: unknown) => {
      throwIfGone(signal);
      const reason = messageOf(error).replace(`${picture.path}: `, '');
      throw lost(picture, `its file cannot be read: ${reason}`);
    });
    return bytes;
  }

  function begin(key: string, picture: Picture, side: number): Drawing {
    const stop = new AbortController();
    const bytes = draw(picture, side, stop.signal);
    const drawing = { bytes, stop, waiting: 0 };
    drawings.set(key, drawing);
    const end = () => {
      if (drawings.get(key) === drawing) drawings.delete(key);
    };
    stop.signal.addEventListener('abort', end);
    bytes
      .then(
        async (made) => {
          if (side <= KEPT_SIDE) await cache.put(key, made);
        },
        () => {},
      )
      .finally(end);
    return drawing;
  }

  return {
    tagOf,
    check,
    async image(picture, side, signal) {
      await check(picture);
      const key = tagOf(picture, side);
      const kept = side <= KEPT_SIDE ? await cache.get(key) : undefined;
      if (kept) return kept;
      throwIfGone(signal);
      return share(drawings.get(key) ?? begin(key, picture, side), signal);
    },
    async close() {
      for (const { stop } of drawings.values()) stop.abort(new Error('the server is stopping'));
      drawings.clear();
    },
  };
}
