/** Letters of both alphabets of base64 (RFC 4648), the usual one and the one for addresses. */
const BLANKS: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0c, 0x0d]);

const withoutBlanks = (text: string): string => {
  const bytes = Buffer.from(text, 'latin1');
  let size = 0;
  for (const byte of bytes) if (!BLANKS.has(byte)) bytes[size++] = byte;
  return bytes.toString('latin1', 0, size);
};

/**
 * Node's decoder leaves out what is no base64. Every left out letter makes the result shorter than the text promises, which
 * is seen without another look at each letter.
 */
function decodeExactly(text: string): Uint8Array<ArrayBuffer> | undefined {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  const letters = text.length - padding;
  if (letters % 4 === 1 || (padding > 0 && text.length % 4 !== 0)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === Math.floor((letters * 3) / 4) ? new Uint8Array(bytes) : undefined;
}

/**
 * Bytes of base64: of either alphabet, with or without padding at its end, and with blanks and line ends anywhere, as mail
 * programs and Python's `encodebytes` write them.
 * @returns undefined when there is anything else in it
 */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  return decodeExactly(text) ?? decodeExactly(withoutBlanks(text));
}
