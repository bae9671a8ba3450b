import { badRequest } from '../requests/errors.ts';
import { LIMITS } from '../requests/limits.ts';
import type { LongString } from '../requests/longString.ts';
import { decodeBase64 } from './base64.ts';

/** Longest beginning of a data URI, up to its comma: an image's type and parameters need far less. */
const LONGEST_HEAD = 256;

/** What stands before the comma of a data URI (RFC 2397), without `data:`. */
function headOf(beginning: string): string {
  const comma = beginning.indexOf(',');
  if (comma < 0)
    throw badRequest('is a data URI without a comma behind its type: write data:image/png;base64,…');
  return beginning.slice('data:'.length, comma);
}

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

const TOO_LARGE = `has more than the limit of ${LIMITS.imageBytes} bytes`;
/** No image of fewer bytes than the limit is longer, also with a line end behind every 60 letters. */
const LONGEST = 1.4 * LIMITS.imageBytes;

function textOf(source: string | LongString): string {
  if (typeof source === 'string') return source;
  try {
    return source.text();
  } catch {
    throw badRequest('the body is not valid JSON');
  }
}

function beginningOf(source: string | LongString): string {
  if (typeof source === 'string') return source.slice(0, LONGEST_HEAD);
  const beginning = source.beginning(LONGEST_HEAD);
  // Some programs write every "/" as "\/".
  return beginning.includes('\\') ? textOf(source).slice(0, LONGEST_HEAD) : beginning;
}

/** An image of a data URI. It is decoded when it is read: one at a time, not while it waits. */
class DataUriFile extends File {
  readonly #source: string | LongString;

  constructor(source: string | LongString, name: string) {
    super([], name);
    this.#source = source;
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const text = textOf(this.#source);
    const bytes = decodeBase64(text.slice(text.indexOf(',') + 1));
    if (bytes === undefined) throw badRequest(`${this.name}: is not base64, or ends early`, this.name);
    if (bytes.length === 0) throw badRequest(`${this.name}: is an empty image`, this.name);
    if (bytes.length > LIMITS.imageBytes) throw badRequest(`${this.name}: ${TOO_LARGE}`, this.name);
    return bytes.buffer;
  }
}

/**
 * The image of a data URI (RFC 2397), by base64.
 * @param name what errors call it
 * @throws HTTPException 400 when it is no image, not in base64, or above the limit of an image; reading it throws so, too
 */
export function dataUriFile(source: string | LongString, name: string): File {
  checkHead(headOf(beginningOf(source)));
  if (source.length > LONGEST) throw badRequest(TOO_LARGE);
  return new DataUriFile(source, name);
}

/** Whether a string begins as a data URI does. */
export const isDataUri = (source: string | LongString): boolean =>
  /^data:/i.test(typeof source === 'string' ? source : source.beginning(5));
