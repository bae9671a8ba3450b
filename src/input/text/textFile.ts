import { createReadStream } from 'node:fs';
import { pathRemedy } from '../pathRemedy.ts';

/** How the characters of a file are stored, as its first bytes say. */
interface Encoding {
  readonly name: 'utf-8' | 'utf-16le' | 'utf-16be';
  /** Bytes of the mark that says so. */
  readonly mark: number;
}

const LINE_FEED = 0x0a;

/** Most bytes of a line: what is longer is no text. */
const MAX_LINE = 2 ** 24;

function encodingOf(bytes: Uint8Array): Encoding {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { name: 'utf-8', mark: 3 };
  if (a === 0xff && b === 0xfe) return { name: 'utf-16le', mark: 2 };
  if (a === 0xfe && b === 0xff) return { name: 'utf-16be', mark: 2 };
  return { name: 'utf-8', mark: 0 };
}

const unitOf = ({ name }: Encoding): 1 | 2 => (name === 'utf-8' ? 1 : 2);

function isLineFeed(bytes: Uint8Array, at: number, { name }: Encoding): boolean {
  if (name === 'utf-8') return bytes[at] === LINE_FEED;
  const [high, low] = name === 'utf-16be' ? [at, at + 1] : [at + 1, at];
  return bytes[low] === LINE_FEED && bytes[high] === 0;
}

/** Where the last whole line ends: behind its line feed. 0 without one. */
function endOfLines(bytes: Uint8Array, encoding: Encoding): number {
  const unit = unitOf(encoding);
  let at = bytes.length - (bytes.length % unit) - unit;
  while (at >= 0 && !isLineFeed(bytes, at, encoding)) at -= unit;
  return Math.max(0, at + unit);
}

const decoded = (bytes: Uint8Array, { name }: Encoding): string =>
  new TextDecoder(name, { fatal: true, ignoreBOM: true }).decode(bytes);

const count = (text: string): number => text.split('\n').length - 1;

/** Where the first line ends. */
function endOfFirst(bytes: Uint8Array, encoding: Encoding): number {
  const unit = unitOf(encoding);
  let at = 0;
  while (at < bytes.length && !isLineFeed(bytes, at, encoding)) at += unit;
  return Math.min(at + unit, bytes.length);
}

/** The number of the first line that is no text, of lines that as a whole are none. */
function faultyLine(bytes: Uint8Array, encoding: Encoding): number {
  let rest = bytes;
  for (let line = 1; ; line++) {
    const end = endOfFirst(rest, encoding);
    try {
      decoded(rest.subarray(0, end), encoding);
    } catch {
      return line;
    }
    rest = rest.subarray(end);
  }
}

const REMEDY = 'save the file as UTF-8';

/** Lines as a string. @param before how many lines stand before them */
function decodedLines(bytes: Uint8Array, encoding: Encoding, name: string, before: number): string {
  let text: string;
  try {
    text = decoded(bytes, encoding);
  } catch (cause) {
    const line = before + faultyLine(bytes, encoding);
    throw new Error(`${name}: line ${line} is not valid ${encoding.name.toUpperCase()}: ${REMEDY}`, {
      cause,
    });
  }
  const nul = text.indexOf('\0');
  if (nul < 0) return text;
  const line = before + count(text.slice(0, nul)) + 1;
  throw new Error(
    `${name}: line ${line} holds a zero byte, which no text has: ${REMEDY} (UTF-16 needs its byte-order mark)`,
  );
}

/**
 * Text from the bytes of a file: UTF-8, with or without a byte-order mark, or UTF-16 with one. The mark is removed.
 * @param name what errors call the file
 * @throws Error naming file and line where the bytes are no text, and what to do
 */
export function decodeText(bytes: Uint8Array, name: string): string {
  const encoding = encodingOf(bytes);
  return decodedLines(bytes.subarray(encoding.mark), encoding, name, 0);
}

/**
 * The text of a stream of bytes, as {@link decodeText} reads it, in pieces that end with a line's end (the last may
 * not). What is held at once is a chunk and a line.
 * @throws Error as `decodeText`, after the pieces before; what the stream throws
 */
export async function* textPieces(
  chunks: AsyncIterable<string | Uint8Array>,
  name: string,
): AsyncGenerator<string> {
  let encoding: Encoding | undefined;
  let held: Uint8Array = new Uint8Array(0);
  let lines = 0;
  for await (const chunk of chunks) {
    const bytes = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    if (!encoding && held.length < 3) continue;
    if (!encoding) {
      encoding = encodingOf(held);
      held = held.subarray(encoding.mark);
    }
    const end = endOfLines(held, encoding);
    if (end === 0 && held.length > MAX_LINE)
      throw new Error(`${name}: line ${lines + 1} has more than ${MAX_LINE} bytes: give a file of text`);
    if (end === 0) continue;
    const text = decodedLines(held.subarray(0, end), encoding, name, lines);
    held = held.subarray(end);
    lines += count(text);
    yield text;
  }
  if (!encoding) {
    encoding = encodingOf(held);
    held = held.subarray(encoding.mark);
  }
  const rest = decodedLines(held, encoding, name, lines);
  if (rest !== '') yield rest;
}

/** The lines of a stream of bytes, without their ends. @throws Error as {@link textPieces} */
export async function* textLines(
  chunks: AsyncIterable<string | Uint8Array>,
  name: string,
): AsyncGenerator<string> {
  for await (const piece of textPieces(chunks, name)) {
    const lines = piece.split('\n');
    if (lines.at(-1) === '') lines.pop();
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
}

/** The bytes of a file, for {@link textPieces} and {@link textLines}. @throws Error naming a file that can't be read */
export async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 18 })) yield chunk as Uint8Array;
  } catch (cause) {
    throw new Error(`${path}: cannot be read; ${pathRemedy(path)}`, { cause });
  }
}
