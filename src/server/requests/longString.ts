import { isAscii } from 'node:buffer';
import { z } from 'zod';

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

  /** How it begins, as it was sent. */
  beginning(length: number): string {
    return this.#bytes.toString('latin1', 0, length);
  }

  /** The whole string, a copy. @throws SyntaxError when what is escaped in it is malformed */
  text(): string {
    const text = this.#bytes.toString(isAscii(this.#bytes) ? 'latin1' : 'utf8');
    return text.includes('\\') ? z.string().parse(JSON.parse(`"${text}"`)) : text;
  }
}
