import { badRequest } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Parts of one form: every image and text at most, and some fields that nobody asked for. */
const MAX_PARTS = LIMITS.images + LIMITS.texts + 16;
/** Bytes of the head of one part. */
const MAX_HEAD = 8192;
/** Bytes of one text field: the longest text, and blanks around it. */
const MAX_FIELD = 4 * LIMITS.textBytes;

const utf8 = new TextDecoder();

/** The boundary that a `multipart/form-data` content type names. */
function boundaryOf(contentType: string): string {
  const [, quoted, token] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? token;
  if (boundary === undefined || boundary.length > 70)
    throw badRequest('the content type multipart/form-data names no boundary of 1 to 70 characters');
  return boundary;
}

/** A parameter of a `Content-Disposition`: `"` and line ends inside are escaped, by browsers with %, by others with \. */
function parameterOf(disposition: string, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"((?:\\\\"|[^"])*)"|([^\\s;"]+))`, 'i').exec(disposition);
  const value = found?.[1] ?? found?.[2];
  return value
    ?.replaceAll('\\"', '"')
    .replace(/%22|%0d|%0a/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));
}

/** What the head of a part says. */
interface PartHead {
  readonly name: string;
  /** Undefined for a text field. */
  readonly fileName: string | undefined;
  readonly type: string;
}

function readHead(bytes: Uint8Array): PartHead {
  const lines = utf8.decode(bytes).split('\r\n');
  const headerValue = (header: string) =>
    lines
      .find((line) => line.toLowerCase().startsWith(`${header}:`))
      ?.slice(header.length + 1)
      .trim();
  const disposition = headerValue('content-disposition') ?? '';
  const name = parameterOf(disposition, 'name');
  if (!/^form-data\s*;/i.test(disposition) || name === undefined)
    throw badRequest('the form has a part without Content-Disposition: form-data; name="…"');
  return { name, fileName: parameterOf(disposition, 'filename'), type: headerValue('content-type') ?? '' };
}

/** A file of a form that stays where it is in the body: the platform's own would be a copy. */
class BodyFile extends File {
  readonly #content: Uint8Array<ArrayBuffer>;

  constructor(content: Uint8Array<ArrayBuffer>, name: string, type: string) {
    super([], name, { type });
    this.#content = content;
    Object.defineProperty(this, 'size', { value: content.length });
  }

  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.resolve(this.#content.slice().buffer);
  }

  override slice(start?: number, end?: number, type?: string): Blob {
    return new Blob([this.#content], { type: this.type }).slice(start, end, type);
  }

  override text(): Promise<string> {
    return this.slice().text();
  }

  override stream() {
    return this.slice().stream();
  }
}

function addPart(form: FormData, { name, fileName, type }: PartHead, content: Uint8Array<ArrayBuffer>): void {
  const limit = fileName === undefined ? MAX_FIELD : LIMITS.imageBytes;
  if (content.length > limit) {
    const allowed = fileName === undefined ? LIMITS.textBytes : LIMITS.imageBytes;
    throw badRequest(`${name}: has more than the limit of ${allowed} bytes`);
  }
  if (fileName === undefined) form.append(name, utf8.decode(content));
  else form.append(name, new BodyFile(content, fileName, type));
}

const NOT_ALONE = 'a boundary of the form is followed by something else on its line';
const ENDS_EARLY = 'the form ends before its last boundary: send it whole';

/**
 * Reads a `multipart/form-data` body (RFC 7578). Unlike the platform's reader it has bounds: a body of a few megabytes
 * with hundreds of thousands of parts would keep it busy for many seconds and fill the memory.
 * @throws HTTPException 400 saying what is wrong with the form
 */
export function parseMultipart(body: Uint8Array<ArrayBuffer>, contentType: string): FormData {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${boundaryOf(contentType)}`, 'latin1');
  const form = new FormData();
  let at = bytes.indexOf(delimiter);
  // Before the first delimiter may stand lines that mean nothing.
  if (at < 0) throw badRequest('the body has no part between the boundaries that its content type names');
  for (let parts = 0; ; parts++) {
    at += delimiter.length;
    if (bytes.toString('latin1', at, at + 2) === '--') return form;
    if (parts === MAX_PARTS) throw badRequest(`the form has more than the limit of ${MAX_PARTS} fields`);
    const start = bytes.indexOf('\r\n', at);
    if (start >= 0 && bytes.toString('latin1', at, Math.min(start, at + 80)).trim() !== '')
      throw badRequest(NOT_ALONE);
    const headEnd = start < 0 ? -1 : bytes.subarray(0, start + MAX_HEAD).indexOf('\r\n\r\n', start);
    if (headEnd < 0) throw badRequest(ENDS_EARLY);
    const end = bytes.indexOf(`\r\n${delimiter.toString('latin1')}`, headEnd + 2, 'latin1');
    if (end < 0) throw badRequest(ENDS_EARLY);
    const content = body.subarray(headEnd + 4, Math.max(end, headEnd + 4));
    addPart(form, readHead(body.subarray(start + 2, headEnd)), content);
    at = end + 2;
  }
}
