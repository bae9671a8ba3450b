import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAll } from './atomic.ts';
import { CheckpointError } from './errors.ts';
import { writingToCache } from './writingToCache.ts';

/** One file to fetch. */
export interface Transfer {
  /** What to call it in messages and progress. */
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly size: number;
  /** Content hash: SHA-256 (64 hex digits) for large files, git's blob SHA-1 (40) for small ones. */
  readonly etag: string;
  /** Where the content goes; `<target>.incomplete` while it arrives. */
  readonly target: string;
  /** Called as bytes arrive, with the total so far (bytes of an earlier attempt included). */
  readonly onBytes?: (received: number) => void;
  /** Further attempts after a broken connection or a server error; each continues where the last one stopped. */
  readonly retries: number;
}

/** The server refused; another attempt would meet the same. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly statusCode: number;

  constructor(statusCode: number) {
    super(`the server answered ${statusCode}`);
    this.statusCode = statusCode;
  }
}

/** A failure that another attempt may not meet: broken connection, short body, busy server. */
class Interrupted extends Error {}

const sizeOrZero = async (path: string): Promise<number> =>
  (await stat(path).catch(() => undefined))?.size ?? 0;

/** The hash whose value is the etag, fed with the first `length` bytes that are already on disk. */
async function startHash({ etag, size }: Transfer, partial: string, length: number): Promise<Hash> {
  const hash = createHash(etag.length === 64 ? 'sha256' : 'sha1');
  if (etag.length === 40) hash.update(`blob ${size}\0`);
  if (length > 0)
    for await (const chunk of createReadStream(partial, { end: length - 1 })) hash.update(chunk);
  return hash;
}

/** Where the body of a response begins in the file. */
function bodyStart(response: Response, asked: number, { name, size }: Transfer): number {
  if (response.status === 200) return 0;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  if (response.status === 206 && Number(range?.[1]) === asked) {
    if (range?.[2] === '*' || Number(range?.[2]) === size) return asked;
    throw new CheckpointError(
      name,
      `the server's file has ${range?.[2]} bytes, expected ${size}; try again later`,
    );
  }
  throw new CheckpointError(
    name,
    `the server answered ${response.status} to a request from byte ${asked}; try again later`,
  );
}

async function request(transfer: Transfer, from: number): Promise<Response> {
  // A compressed body could not be continued from a position in the file.
  const headers = {
    ...transfer.headers,
    'accept-encoding': 'identity',
    ...(from > 0 && { range: `bytes=${from}-` }),
  };
  const response = await fetch(transfer.url, { headers }).catch((cause: unknown) => {
    throw new Interrupted('the connection failed', { cause });
  });
  if (response.ok) return response;
  await response.body?.cancel();
  const { status } = response;
  if (status >= 500 || status === 429 || status === 408)
    throw new Interrupted(`the server answered ${status}`);
  throw new HttpError(status);
}

/** A body's chunks. Only what goes wrong with the connection is {@link Interrupted}, not what becomes of a chunk. */
async function* chunksOf(
  body: AsyncIterable<Uint8Array>,
  from: number,
  size: number,
): AsyncGenerator<Uint8Array> {
  let at = from;
  try {
    for await (const chunk of body) {
      at += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    throw new Interrupted(`the connection broke after ${at} of ${size} bytes`, { cause });
  }
  if (at < size) throw new Interrupted(`the connection closed after ${at} of ${size} bytes`);
}

/** Copies a body into the file at explicit positions: two processes that fetch one file write the same bytes. */
async function receive(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  hash: Hash,
  from: number,
  { name, size, onBytes }: Transfer,
) {
  let at = from;
  for await (const chunk of chunksOf(body, from, size)) {
    if (at + chunk.length > size)
      throw new CheckpointError(
        name,
        `the server sent more than the expected ${size} bytes; try again later`,
      );
    await writeAll(file, chunk, at);
    hash.update(chunk);
    at += chunk.length;
    onBytes?.(at);
  }
}

/** Fetches what is missing and returns the content's hash. */
async function attempt(transfer: Transfer, partial: string): Promise<string> {
  const present = await sizeOrZero(partial);
  const asked = present > transfer.size ? 0 : present;
  if (asked === transfer.size) return (await startHash(transfer, partial, asked)).digest('hex');
  const response = await request(transfer, asked);
  const from = bodyStart(response, asked, transfer);
  const hash = await startHash(transfer, partial, from);
  if (!response.body) throw new Interrupted('the server sent no body');
  // Never truncated at the start: another process may be writing the same bytes to the same file.
  const file = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    await receive(response.body, file, hash, from, transfer);
    await file.truncate(transfer.size);
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

async function attempts(transfer: Transfer, partial: string): Promise<string> {
  for (let tried = 0; ; tried++) {
    try {
      return await attempt(transfer, partial);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (tried >= transfer.retries) {
        const advice = 'run the same command again to continue where it stopped';
        throw new CheckpointError(transfer.name, `${error.message}; ${advice}`, { cause: error });
      }
      await pause(500 * 2 ** tried);
    }
  }
}

async function fetchVerified(transfer: Transfer, partial: string): Promise<void> {
  await mkdir(dirname(partial), { recursive: true });
  const takenByAnother = async (error: unknown): Promise<string> => {
    // Another process that fetches the same file has finished it, and the partial one is gone.
    const gone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (gone && (await sizeOrZero(transfer.target)) === transfer.size) return transfer.etag;
    throw error;
  };
  const hash = await attempts(transfer, partial).catch(takenByAnother);
  if (hash !== transfer.etag) {
    await rm(partial, { force: true });
    const fault = `the content's hash is ${hash}, expected ${transfer.etag}, and it was discarded; try again`;
    throw new CheckpointError(transfer.name, fault);
  }
  await rename(partial, transfer.target).catch(async (error: unknown) => {
    // Another process that fetched the same file was quicker.
    if ((await sizeOrZero(transfer.target)) !== transfer.size) throw error;
  });
}

/**
 * Fetches a file into `target`: continues an earlier partial download with a range request, verifies size and hash,
 * and only then gives it its name.
 * @throws HttpError when the server refuses.
 * @throws CheckpointError when it cannot be fetched or written (what has arrived is kept), or is not what the etag says.
 */
export async function transferFile(transfer: Transfer): Promise<void> {
  const partial = `${transfer.target}.incomplete`;
  await writingToCache(partial, () => fetchVerified(transfer, partial));
}
