import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Budget } from '../requests/budget.ts';
import { busy } from '../requests/errors.ts';
import { fault } from './fault.ts';

/** Bytes that are reserved at a time. */
const STEP = 2 ** 18;

/** How servers send files in fewer bytes, although they are asked not to. */
const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream & Readable>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** A body without its content encoding, piece by piece. */
function decoded(body: Readable, encoding: string): Readable {
  if (encoding === '' || encoding === 'identity') return body;
  const decoder = DECODERS[encoding]?.();
  if (decoder === undefined) throw fault('is sent in a content encoding that is not read');
  // What goes wrong is thrown where it is read.
  pipeline(body, decoder, () => {});
  return decoder;
}

/** Takes parts of a budget at once or not at all: who waited with a half of an image could wait for ever. */
function createShare(budget: Budget) {
  const releases: (() => void)[] = [];
  let held = 0;
  return {
    async grow(size: number): Promise<void> {
      while (held < size) {
        if (budget.waiting > 0 || budget.used + STEP > budget.total) throw busy();
        releases.push(await budget.reserve(STEP));
        held += STEP;
      }
    },
    release() {
      for (const release of releases.splice(0)) release();
    },
  };
}

interface BytesOptions {
  readonly encoding: string;
  readonly maxBytes: number;
  readonly budget: Budget;
}

/**
 * Reads the bytes of an image as they come, and stops at the limit, before and behind the content encoding alike.
 * @returns them, and how to give their memory back
 */
export async function readImageBytes(body: Readable, { encoding, maxBytes, budget }: BytesOptions) {
  const share = createShare(budget);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of decoded(body, encoding)) {
      if (!(chunk instanceof Uint8Array)) continue;
      size += chunk.length;
      if (size > maxBytes) throw fault(`has more than the limit of ${maxBytes} bytes`);
      await share.grow(size);
      chunks.push(chunk);
    }
    if (size === 0) throw fault('is an empty file');
    return { bytes: Buffer.concat(chunks), release: () => share.release() };
  } catch (error) {
    share.release();
    body.destroy();
    throw error;
  }
}
