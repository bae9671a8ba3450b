import { readFile, stat } from 'node:fs/promises';
import { pathRemedy } from '../../pathRemedy.ts';
import { FORMAT_REMEDY } from './imageFormat.ts';

/**
 * The encoded bytes of a path or of bytes.
 * @throws Error naming the image when it can't be read, is empty or has more than `maxBytes`.
 */
export async function readLimited(
  source: string | Uint8Array,
  name: string,
  maxBytes: number,
): Promise<Uint8Array> {
  if (typeof source !== 'string') {
    checkBytes(source.byteLength, name, maxBytes);
    return source;
  }
  if (/^([a-z]{2,}:\/\/|data:)/i.test(source)) {
    throw new Error(`${name.slice(0, 80)}: is a URL, not a path: fetch it first and pass the bytes.`);
  }
  const found = await stat(source).catch((error: unknown) => {
    throw new Error(`${name}: can't be read (${codeOf(error)}): ${pathRemedy(source)}.`, { cause: error });
  });
  // A pipe or a device has no end.
  if (!found.isFile()) throw new Error(`${name}: is not a file: give the path of an image file.`);
  checkBytes(found.size, name, maxBytes);
  return await readFile(source);
}

function checkBytes(bytes: number, name: string, maxBytes: number): void {
  if (bytes === 0) throw new Error(`${name}: is empty: ${FORMAT_REMEDY}.`);
  if (bytes > maxBytes) {
    throw new Error(
      `${name}: has ${bytes} bytes, more than the limit of ${maxBytes}: shrink it or raise maxBytes.`,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
