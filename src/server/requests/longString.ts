import { z } from 'zod';

const BACKSLASH = 0x5c;

/** Bytes of the longest escape, `\u0041`. */
const ESCAPE = 6;

/**
 * A string of a JSON body that is longer than any text may be, still as it came: the bytes between its quotes, with
 * whatever escapes there are. So an image of many megabytes costs a look for its end, and no copies while it waits.
 */
export class LongString {
  readonly #bytes: Buffer;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes of the string as it was sent. */
  get length(): number {
    return this.#bytes.length;
  }

  /** The end of a part that does not cut a letter or an escape in two. */
  #end(limit: number): number {
    const bytes = this.#bytes;
    if (limit >= bytes.length) return bytes.length;
    let most = limit;
    // Bytes behind the first of a letter; no letter has more than three.
    while (most > limit - 3 && (bytes[most]! & 0xc0) === 0x80) most--;
    const last = bytes.subarray(0, most).lastIndexOf(BACKSLASH);
    if (last < most - ESCAPE) return most;
    let run = 1;
    while (bytes[last - run] === BACKSLASH) run++;
    return run % 2 === 1 ? last : most;
  }

  /**
   * The string in parts of about so many bytes, as UTF-8, escapes resolved.
   * @throws SyntaxError when those are malformed
   */
  *parts(size: number): Generator<Uint8Array> {
    for (let at = 0; at < this.length; ) {
      const end = this.#end(at + Math.max(size, 2 * ESCAPE));
      const part = this.#bytes.subarray(at, end);
      yield part.includes(BACKSLASH)
        ? Buffer.from(z.string().parse(JSON.parse(`"${part.toString()}"`)))
        : part;
      at = end;
    }
  }
}
