import { createHash, type Hash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeAll } from '../../files/atomic.ts';
import { codeOf } from '../../files/errorCode.ts';
import { makeFolder } from '../../files/makeFolder.ts';
import { sizeOrZero } from '../../files/stats.ts';
import { writingToCache } from '../cache/writingToCache.ts';
import { ConnectionFailure, HttpFailure, HubError } from '../hubError.ts';
import type { Answer, HubClient } from './client.ts';
import { withRetries } from './retry.ts';
import { type SilenceWatch, watchSilence } from './silence.ts';

/** One file to fetch. */
export interface Transfer {
  readonly client: HubClient;
  /** What to call it in messages and progress. */
  readonly name: string;
  readonly url: string;
  readonly size: number;
  /** Content hash: SHA-256 (64 hex digits) for large files, git's blob SHA-1 (40) for small ones. */
  readonly etag: string;
  /** Where the content goes; `<target>.incomplete` while it arrives. */
  readonly target: string;
  /** Called as bytes arrive, with the total so far (bytes of an earlier attempt included). */
  readonly onBytes?: (received: number) => void;
  readonly onNotice: (message: string) => void;
  /** Further attempts after a broken connection or a server error; each continues where the last one stopped. */
  readonly retries: number;
  /** Seconds without a byte after which an attempt is given up. */
  readonly timeout: number;
}

/** The hash whose value is the etag, fed with the first `length` bytes that are already on disk. */
async function startHash({ etag, size }: Transfer, partial: string, length: number): Promise<Hash> {
  const hash = createHash(etag.length === 64 ? 'sha256' : 'sha1');
  if (etag.length === 40) hash.update(`blob ${size}\0`);
  if (length > 0)
    for await (const chunk of createReadStream(partial, { end: length - 1 })) hash.update(chunk);
  return hash;
}

const wrong = (name: string, fault: string): HubError =>
  new HubError('content', name, `${fault}; try again later`);

/** Where the body of an answer begins in the file. */
function bodyStart({ status, header }: Answer, asked: number, { name, size }: Transfer): number {
  if (status === 200) return 0;
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header('content-range') ?? '');
  if (status !== 206 || Number(range?.[1]) !== asked)
    throw wrong(name, `the server answered ${status} to a request from byte ${asked}`);
  if (range?.[2] === '*' || Number(range?.[2]) === size) return asked;
  throw wrong(name, `the server's file has ${range?.[2]} bytes, expected ${size}`);
}

/** A body's chunks; what goes wrong with the connection says how far it came. */
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
    if (!(cause instanceof ConnectionFailure)) throw cause;
    const fault = `the connection broke after ${at} of ${size} bytes (${cause.message})`;
    throw new ConnectionFailure(fault, { cause });
  }
  if (at < size) throw new ConnectionFailure(`the connection closed after ${at} of ${size} bytes`);
}

/** Copies a body into the file at explicit positions: two processes that fetch one file write the same bytes. */
async function receive(
  body: AsyncIterable<Uint8Array>,
  file: FileHandle,
  hash: Hash,
  from: number,
  to: Sink,
) {
  const { name, size } = to.transfer;
  let at = from;
  to.reached(at);
  for await (const chunk of chunksOf(body, from, size)) {
    if (at + chunk.length > size) throw wrong(name, `the server sent more than the expected ${size} bytes`);
    await writeAll(file, chunk, at);
    hash.update(chunk);
    at += chunk.length;
    to.reached(at);
  }
}

/** What the attempts of one transfer share. */
interface Sink {
  readonly transfer: Transfer;
  readonly partial: string;
  /** Bytes on disk. */
  reached(bytes: number): void;
}

async function ask({ client, url, timeout }: Transfer, from: number, partial: string): Promise<Answer> {
  const headers: Record<string, string> = from > 0 ? { range: `bytes=${from}-` } : {};
  return client.get(url, { headers, timeout }).catch(async (error: unknown) => {
    // There is nothing from here on: what lies on disk is of another file.
    if (!(error instanceof HttpFailure && error.statusCode === 416 && from > 0)) throw error;
    await rm(partial, { force: true });
    return client.get(url, { timeout });
  });
}

/** Fetches what is missing and returns the content's hash. */
async function attempt(sink: Sink): Promise<string> {
  const { transfer, partial } = sink;
  const present = await sizeOrZero(partial);
  const asked = present > transfer.size ? 0 : present;
  if (asked === transfer.size && asked > 0) return (await startHash(transfer, partial, asked)).digest('hex');
  const answer = await ask(transfer, asked, partial);
  const from = bodyStart(answer, asked, transfer);
  const hash = await startHash(transfer, partial, from);
  // Never truncated at the start: another process may be writing the same bytes to the same file.
  const file = await open(partial, constants.O_RDWR | constants.O_CREAT);
  try {
    await receive(answer.body, file, hash, from, sink);
    await file.truncate(transfer.size);
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** Attempts until the whole file is there; returns its hash. */
async function attempts(transfer: Transfer, partial: string, watch: SilenceWatch): Promise<string> {
  let furthest = 0;
  const sink: Sink = {
    transfer,
    partial,
    reached(bytes) {
      watch.heard();
      furthest = Math.max(furthest, bytes);
      transfer.onBytes?.(bytes);
    },
  };
  const { retries, name } = transfer;
  const onNotice = (message: string) => transfer.onNotice(`${name}: ${message}`);
  return withRetries(() => attempt(sink), { retries, onNotice, progress: () => furthest }).catch(
    (error: unknown) => {
      if (!(error instanceof ConnectionFailure)) throw error;
      const advice = 'run the same command again to continue where it stopped';
      throw new HubError('unreachable', name, `${error.message}; ${advice}`, { cause: error });
    },
  );
}

async function fetchVerified(transfer: Transfer, partial: string): Promise<void> {
  await makeFolder(dirname(partial));
  const takenByAnother = async (error: unknown): Promise<string> => {
    // Another process that fetches the same file has finished it, and the partial one is gone.
    const gone = codeOf(error) === 'ENOENT';
    if (gone && (await sizeOrZero(transfer.target)) === transfer.size) return transfer.etag;
    throw error;
  };
  const { retries, timeout, name, etag } = transfer;
  const end = `each attempt ends after ${timeout} s of it, and ${retries + 1} are made`;
  const watch = watchSilence(name, end, transfer.onNotice);
  try {
    for (let continued = (await sizeOrZero(partial)) > 0; ; continued = false) {
      const hash = await attempts(transfer, partial, watch).catch(takenByAnother);
      if (hash === etag) break;
      await rm(partial, { force: true });
      // What an earlier run had left may have been wrong; what comes now is the server's word.
      if (continued) continue;
      const fault = `the content's hash is ${hash}, expected ${etag}, and it was discarded; try again`;
      throw new HubError('content', name, fault);
    }
  } finally {
    watch.end();
  }
  await rename(partial, transfer.target).catch(async (error: unknown) => {
    // Another process that fetched the same file was quicker.
    if ((await sizeOrZero(transfer.target)) !== transfer.size) throw error;
  });
}

/**
 * Fetches a file into `target`: continues an earlier partial download with a range request, verifies size and hash,
 * and only then gives it its name. Silence of 30 s is said (`onNotice`).
 * @throws HttpFailure when the server refuses.
 * @throws CheckpointError when it cannot be fetched or written (what has arrived is kept), or is not what the etag says.
 */
export async function transferFile(transfer: Transfer): Promise<void> {
  const partial = `${transfer.target}.incomplete`;
  await writingToCache(partial, () => fetchVerified(transfer, partial));
}
