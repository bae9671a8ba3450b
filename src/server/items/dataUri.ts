import { badRequest } from '../requests/errors.ts';
import { LIMITS } from '../requests/limits.ts';
import type { LongString } from '../requests/longString.ts';
import { decodeBase64 } from './base64.ts';

/** Longest beginning of a data URI, up to its comma: an image's type and parameters need far less. */
const LONGEST_HEAD = 256;
const COMMA = 0x2c;

/** Bytes of a string that are looked at before other work of the process gets its turn: one or two milliseconds. */
const AT_ONCE = 2 ** 18;

const TOO_LARGE = `has more than the limit of ${LIMITS.imageBytes} bytes`;
/** No image of fewer bytes than the limit is longer, also with a line end behind every 60 letters, and every "/" as "\/". */
const LONGEST = 1.45 * LIMITS.imageBytes;

/** @throws HTTPException 400 when it is no image, or not in base64 */
function checkHead(head: string): void {
  const [type = '', ...parameters] = head.split(';').map((part) => part.trim().toLowerCase());
  if (type === 'image/svg+xml')
    throw badRequest('is an SVG image, which is not accepted: draw it first, for example as PNG');
  if (type !== '' && type !== 'application/octet-stream' && !type.startsWith('image/'))
    throw badRequest(`is a data URI of type ${JSON.stringify(type)}, not of an image`);
  if (parameters.at(-1) !== 'base64')
    throw badRequest(
      'is a data URI that is not base64: write data:image/png;base64,… with its bytes as base64',
    );
}

/** A string in parts, as UTF-8. @throws HTTPException 400 when what is escaped in it is malformed */
function* partsOf(source: string | LongString, size: number): Generator<Uint8Array> {
  if (typeof source === 'string') {
    yield Buffer.from(source);
    return;
  }
  try {
    yield* source.parts(size);
  } catch (error) {
    throw error instanceof SyntaxError ? badRequest('the body is not valid JSON') : error;
  }
}

function beginningOf(source: string | LongString): string {
  for (const part of partsOf(source, LONGEST_HEAD))
    return Buffer.from(part.subarray(0, LONGEST_HEAD)).toString();
  return '';
}

/** What is behind the comma, in parts. */
function* lettersOf(source: string | LongString): Generator<Uint8Array> {
  let isBehind = false;
  for (const part of partsOf(source, AT_ONCE)) {
    // The head is in the first part.
    yield isBehind ? part : part.subarray(part.indexOf(COMMA) + 1);
    isBehind = true;
  }
}

/** An image of a data URI. It is decoded when it is read: one at a time, not while it waits. */
class DataUriFile extends File {
  readonly #source: string | LongString;

  constructor(source: string | LongString, name: string) {
    super([], name);
    this.#source = source;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await decodeBase64(lettersOf(this.#source), this.#source.length);
    if (bytes === undefined) throw badRequest(`${this.name}: is not base64, or ends early`, this.name);
    if (bytes.length === 0) throw badRequest(`${this.name}: is an empty image`, this.name);
    if (bytes.length > LIMITS.imageBytes) throw badRequest(`${this.name}: ${TOO_LARGE}`, this.name);
    // A buffer of its own, since a thread takes it over.
    return bytes.slice().buffer;
  }
}

/**
 * The image of a data URI (RFC 2397), by base64.
 * @param name what errors call it
 * @throws HTTPException 400 when it is no image, not in base64, or above the limit of an image; reading it throws so, too
 */
export function dataUriFile(source: string | LongString, name: string): File {
  const beginning = beginningOf(source);
  const comma = beginning.indexOf(',');
  if (comma < 0)
    throw badRequest('is a data URI without a comma behind its type: write data:image/png;base64,…');
  checkHead(beginning.slice('data:'.length, comma));
  if (source.length > LONGEST) throw badRequest(TOO_LARGE);
  return new DataUriFile(source, name);
}

/** Whether a string begins as a data URI does. */
export const isDataUri = (source: string | LongString): boolean => /^data:/i.test(beginningOf(source));
