import { setImmediate } from 'node:timers/promises';

const PADDING = 0x3d;
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

/** Bytes that so many letters stand for. */
const bytesOf = (letters: number): number => Math.floor((letters * 3) / 4);

/** Takes base64 in parts. What is none is found by what is lacking then, since Node's decoder leaves it out. */
class Decoder {
  readonly #out: Buffer<ArrayBuffer>;
  #size = 0;
  /** Letters that are no whole group of four yet. */
  #rest = Buffer.alloc(0);
  #padding = 0;

  constructor(letters: number) {
    this.#out = Buffer.from(new ArrayBuffer(bytesOf(letters)));
  }

  /** @returns whether all of it is base64, as far as is known */
  add(part: Uint8Array): boolean {
    const letters = this.#lettersOf(part);
    if (letters === undefined) return false;
    const whole = letters.length - (letters.length % 4);
    this.#rest = Buffer.from(letters.subarray(whole));
    return this.#write(letters.subarray(0, whole));
  }

  /** The letters of a part, behind those that wait, without blanks and padding; undefined when some are behind padding. */
  #lettersOf(part: Uint8Array): Buffer | undefined {
    const letters = Buffer.allocUnsafe(this.#rest.length + part.length);
    let count = this.#rest.copy(letters);
    let padding = this.#padding;
    for (let i = 0; i < part.length; i++) {
      const byte = part[i]!;
      if (isBlank(byte)) continue;
      if (byte === PADDING) padding++;
      else if (padding > 0) return undefined;
      else letters[count++] = byte;
    }
    this.#padding = padding;
    return letters.subarray(0, count);
  }

  #write(letters: Buffer): boolean {
    const written = this.#out.write(letters.toString('latin1'), this.#size, 'base64');
    this.#size += written;
    return written === bytesOf(letters.length);
  }

  /** All bytes; undefined when the last group is none, or has padding that does not belong there. */
  finish(): Uint8Array<ArrayBuffer> | undefined {
    const { length } = this.#rest;
    const isWhole = length !== 1 && (this.#padding === 0 || (length > 0 && length + this.#padding === 4));
    if (!isWhole || !this.#write(this.#rest)) return undefined;
    return new Uint8Array(this.#out.buffer, 0, this.#size);
  }
}

/**
 * Bytes of base64 (RFC 4648): of either alphabet, with or without padding at its end, and with blanks and line ends anywhere,
 * as mail programs and Python's `encodebytes` write them. Between parts other work of the process gets its turn.
 * @param parts letters as ASCII
 * @param most letters in all
 * @returns undefined when there is anything else in it
 */
export async function decodeBase64(
  parts: Iterable<Uint8Array>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const decoder = new Decoder(most);
  for (const part of parts) {
    if (!decoder.add(part)) return undefined;
    await setImmediate();
  }
  return decoder.finish();
}
